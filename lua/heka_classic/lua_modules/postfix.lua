--[[
Log lines of the Postfix mail system, with the names of Heka 0.11. lpeg.postfix has the newer ones, and says what is what.

  postfix_match(programname, message, extract_keyvalue_data)   table or nil

Other than in lpeg.postfix: a warning is the text postfix_warning; pipe tells postfix_pipe_service, or postfix_to; pickup
tells postfix_uid, postfix_from and postfix_orig_id; a connection that is lost gives no reason, and postfix_action where it was
something else than a lost connection that failed; and a line may go on after what is known of it.
--]]

return {
    postfix_match = require "lpeg.postfix_lines".build_match(true),
}
