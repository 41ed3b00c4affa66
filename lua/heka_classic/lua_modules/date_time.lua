-- Date and time grammars, by the name that Heka 0.11 knows them by. Exports and captures are those of lpeg.date_time.
return require "lpeg.date_time"
