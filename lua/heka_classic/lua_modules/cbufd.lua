-- The grammar of circular buffers' delta form, by the name that Heka 0.11 knows it by. The same as lpeg.cbufd.
return require "lpeg.cbufd"
