import { createSocket } from 'node:dgram';
import t from 'tap';
import { parseAddress } from '../../../lib/network-address.ts';
import { startDaemon } from '../../daemon-harness.ts';
import { until } from '../../plugin-context.ts';

t.test('what cannot be decoded is a line a second, however many senders there are', async (t) => {
  const { daemon, log } = await startDaemon(
    t.testdir(),
    `
[udp]
type = "UdpInput"
address = "127.0.0.1:0"
splitter = "TokenSplitter"
decoder = "Never"
[Never]
type = "PayloadRegexDecoder"
match_regex = '^never (?P<x>.)'
`,
  );
  t.teardown(() => daemon.stop());
  const { port } = parseAddress(daemon.addresses().get('udp') ?? '');
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  // One by one: the system drops what comes faster than it is read.
  for (let i = 1; i <= 200; i++) {
    socket.send(`garbage ${i}\n`, port, '127.0.0.1');
    await until(() => daemon.counters()['decodeFailures'] === i);
  }
  await daemon.stop();
  const shown = log.filter((line) => /^! Decoder 'udp' error: No match: garbage/.test(line));
  t.ok(shown.length >= 2 && shown.length < 20, `${shown.length} lines`);
  t.match(shown.at(-1), /garbage 200 {2}\(message [0-9a-f-]{36}\), and \d+ more like it$/);
});

t.test('a daemon without inputs runs until it is told to stop', async (t) => {
  const { daemon } = await startDaemon(t.testdir(), '[PayloadEncoder]');
  let drained = false;
  void daemon.drained().then(() => {
    drained = true;
  });
  await daemon.stop();
  t.notOk(drained);
});

t.test('a stopped daemon leaves nothing behind that keeps the process alive', async (t) => {
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const { daemon } = await startDaemon(t.testdir(), '[PayloadEncoder]');
  t.ok(timers() > before, 'while it runs the process lives');
  await daemon.stop();
  t.ok(timers() <= before, process.getActiveResourcesInfo().join(' '));
});
