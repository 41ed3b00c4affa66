-- two filters that answer each other are stopped by the limit on loops
-- expect: message HKT_SANDBOX_LOOPS process_message() *inject_message() exceeded MaxMsgLoops
-- matcher: Type == 'attack' || Type == 'heka.sandbox.pong'
-- answers: heka.sandbox.ping pong
function process_message()
    inject_message({Type = 'ping'})
    return 0
end
