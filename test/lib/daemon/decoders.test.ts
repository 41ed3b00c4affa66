import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../daemon-harness.ts';
import { ManualClock } from '../../manual-clock.ts';
import { until } from '../../plugin-context.ts';

const OUTPUT = `
[out]
type = "LogOutput"
message_matcher = "TRUE"
encoder = "JsonEncoder"
[JsonEncoder]
`;

t.test(
  'a request’s body is one message however long it is, decoded by many decoders',
  async (t) => {
    const { daemon, log } = await startDaemon(
      t.testdir(),
      `
[web]
type = "HttpListenInput"
address = "127.0.0.1:0"
decoder = "all"
[all]
type = "MultiDecoder"
subs = ["xml", "json", "mark"]
cascade_strategy = "all"
log_sub_errors = true
[xml]
type = "PayloadXmlDecoder"
[json]
type = "PayloadJsonDecoder"
[json.json_map]
Name = "$.name"
[json.message_fields]
Logger = "%Name%"
Payload = "cut"
[mark]
type = "ScribbleDecoder"
[mark.message_fields]
Type = "marked"
${OUTPUT}`,
    );
    t.teardown(() => daemon.stop());
    const address = daemon.addresses().get('web') ?? '';
    const body = JSON.stringify({ name: 'it', rest: 'x'.repeat(300_000) });
    const { status } = await fetch(`http://${address}/?q=1`, { method: 'POST', body });
    t.equal(status, 200);
    await daemon.stop();
    const line = log.find((text) => text.includes('marked')) ?? '';
    t.match(line, /"logger":"it"/);
    t.match(line, /"payload":"cut"/);
    t.match(
      log.join('\n'),
      /! Decoder 'web-all' error: Subdecoder 'xml' decode error: can't parse XML/,
    );
    t.equal(daemon.counters()['decodeFailures'], 0);
  },
);

t.test('a file is polled through a splitter that cuts it', async (t) => {
  const folder = t.testdir();
  const clock = new ManualClock();
  const file = path.join(folder, 'f');
  writeFileSync(file, 'one\ntwo\nrest');
  const { daemon, log } = await startDaemon(
    folder,
    `
[poll]
type = "FilePollingInput"
file_path = "${file}"
ticker_interval = 1
splitter = "lines"
[lines]
type = "TokenSplitter"
deliver_incomplete_final = true
${OUTPUT}`,
    clock,
  );
  t.teardown(() => daemon.stop());
  await until(() => (daemon.counters()['records'] ?? 0) >= 3, clock, 100);
  await daemon.stop();
  const payloads = log.flatMap((line) => /"payload":"([^"]*)"/.exec(line)?.[1] ?? []);
  t.same(payloads.slice(0, 3), ['one\\n', 'two\\n', 'rest']);
});

t.test('a decoder that cannot be made is an error at the start', async (t) => {
  const text = `
[poll]
type = "FilePollingInput"
file_path = "/x"
decoder = "nowhere"
${OUTPUT}`;
  await t.rejects(startDaemon(t.testdir(), text), /no registered 'nowhere' decoder/);
});
