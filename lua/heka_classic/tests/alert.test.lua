-- Tests of alert.
local sent = {}
function inject_payload(payload_type, name, text)
    sent[#sent + 1] = {payload_type, name, text}
end

local alert = require "alert"

local HOUR = 3600e9
local FIRST_TIME = _LAST_ALERT

-- Every test begins with no alert sent, an hour's throttle and an empty queue.
local function reset()
    _LAST_ALERT = 0
    alert.send_queue(0)
    sent = {}
    _LAST_ALERT = 0
    alert.set_throttle(HOUR)
end

local function check_sent(...)
    assert(#sent == select("#", ...), #sent)
    for i, alerted in ipairs(sent) do
        assert(alerted[1] == "alert" and alerted[2] == "" and alerted[3] == select(i, ...), alerted[3])
    end
end

function test_no_alert_was_sent_at_first()
    assert(FIRST_TIME == 0)
end

function test_alerts_are_sent_as_payloads()
    reset()
    assert(alert.send(2 * HOUR, "one") == true)
    check_sent("one")
    assert(_LAST_ALERT == 2 * HOUR)
end

function test_alerts_are_throttled_for_longer_than_the_throttle()
    reset()
    assert(alert.throttled(HOUR) == true)
    assert(alert.throttled(HOUR + 1) == false)
    assert(alert.send(5 * HOUR, "one"))
    assert(alert.throttled(6 * HOUR) and alert.send(6 * HOUR, "two") == false)
    alert.set_throttle(HOUR - 1)
    assert(alert.throttled(6 * HOUR) == false and alert.send(6 * HOUR, "three"))
    check_sent("one", "three")
end

function test_time_that_goes_back_is_throttled()
    reset()
    alert.set_throttle(0)
    assert(alert.send(5 * HOUR, "one"))
    assert(alert.throttled(5 * HOUR) and alert.throttled(4 * HOUR))
    assert(alert.throttled(5 * HOUR + 1000) == false)
end

function test_time_zero_is_never_throttled()
    reset()
    assert(alert.send(5 * HOUR, "one"))
    assert(alert.throttled(0) == false and alert.send(0, "two"))
    assert(_LAST_ALERT == 5 * HOUR)
    check_sent("one", "two")
end

function test_without_a_text_nothing_is_sent()
    reset()
    assert(alert.send(5 * HOUR, nil) == false and alert.send(5 * HOUR, "") == false)
    assert(alert.queue(5 * HOUR, nil) == false and alert.queue(5 * HOUR, "") == false)
    assert(alert.send_queue(5 * HOUR) == false)
    check_sent()
    assert(_LAST_ALERT == 0)
end

function test_queued_alerts_go_out_as_one()
    reset()
    assert(alert.queue(2 * HOUR, "a") and alert.queue(2 * HOUR, "b") and alert.queue(2 * HOUR, "c"))
    assert(alert.send_queue(2 * HOUR) == true)
    assert(alert.send_queue(9 * HOUR) == false)
    check_sent("a\nb\nc")
end

function test_a_queue_that_is_throttled_is_dropped()
    reset()
    assert(alert.queue(3 * HOUR, "a"))
    assert(alert.send(3 * HOUR, "b"))
    assert(alert.queue(3 * HOUR, "c") == false)
    assert(alert.send_queue(3 * HOUR) == false)
    assert(alert.send_queue(9 * HOUR) == false)
    check_sent("b")
end

function test_a_restored_time_is_taken_up()
    reset()
    _LAST_ALERT = 100 * HOUR
    assert(alert.throttled(101 * HOUR) and not alert.throttled(102 * HOUR))
end
