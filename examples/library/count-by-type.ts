/**
 * Hosts one Lua filter in a Node program: delivers messages, reads what the filter injects, shows what it used.
 * Run it from the checkout: `npx node --no-node-snapshot examples/library/count-by-type.ts`
 * (in a project of your own, import from 'hekate').
 */
import { createHost, Message } from '../../lib/index.ts';

const script = `
  require "string"
  local counts = {}

  function process_message()
    local kind = read_message("Type")
    counts[kind] = (counts[kind] or 0) + 1
    return 0
  end

  function timer_event(ns, shutdown)
    for kind, count in pairs(counts) do
      add_to_payload(string.format("%s %d\\n", kind, count))
    end
    inject_payload("txt", "counts")
  end
`;

await using host = await createHost({ shards: 1 });
const injected = host.injected();
await host.load({ name: 'counts', script, timerEventOnShutdown: true });

for (let i = 0; i < 1000; i++) {
  await host.deliver(Message.create({ type: i % 3 === 0 ? 'login' : 'page' }));
}
await host.idle();
console.log(host.status());

// Ending the sandbox calls its timer_event once more, which injects the counts.
await host.unload('counts');
const { value: message } = await injected.next();
console.log(message?.payload);
