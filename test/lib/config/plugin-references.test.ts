import t from 'tap';
import { readConfig } from '../../../lib/config/load-config.ts';
import { faultText } from '../../../lib/config/place.ts';
import { pluginRegistry } from '../../../lib/daemon/registry.ts';

function texts(text: string): string[] {
  const options = { registry: pluginRegistry, env: {} };
  return readConfig([{ file: 'f', text }], options).faults.map(faultText);
}

const multi = (name: string, ...subs: readonly string[]): string =>
  `[${name}]\ntype = "MultiDecoder"\nsubs = ${JSON.stringify(subs)}\n`;

t.test('sub-decoders have to exist', async (t) => {
  const scribble = '[scribble]\ntype = "ScribbleDecoder"\n';
  t.same(texts(multi('m', 'ProtobufDecoder', 'scribble') + scribble), []);
  t.same(texts(multi('m', 'nowhere', 'LogOutput')), [
    "f:3:8: HKT_CONFIG_VALUE 'm' setting 'subs': Non-existent subdecoder: nowhere",
    "f:3:8: HKT_CONFIG_VALUE 'm' setting 'subs': Non-existent subdecoder: LogOutput",
  ]);
});

t.test('a sub-decoder with a fault of its own is not a second fault', async (t) => {
  t.same(texts(`${multi('m', 'bad')}[bad]\ntype = "ScribbleDecoder"\nx = 1\n`), [
    "f:6:1: HKT_CONFIG_UNKNOWN_KEY unknown config setting for 'bad': x",
  ]);
});

t.test('decoders that lead back to themselves are found', async (t) => {
  t.same(texts(multi('a', 'b') + multi('b', 'c') + multi('c', 'ProtobufDecoder')), []);
  const circle = multi('a', 'ProtobufDecoder', 'b') + multi('b', 'a') + multi('c', 'a');
  t.same(texts(circle), [
    "f:3:8: HKT_CONFIG_VALUE 'a' setting 'subs': circular dependency detected",
    "f:6:8: HKT_CONFIG_VALUE 'b' setting 'subs': circular dependency detected",
  ]);
  t.match(texts(multi('a', 'a')), [/circular dependency detected/]);
});

t.test('statsd values need a StatAccumInput', async (t) => {
  const filter = '[f]\ntype = "StatFilter"\nmessage_matcher = "TRUE"\n';
  t.same(texts(`[StatsdInput]\n${filter}[StatAccumInput]\n`), []);
  t.match(texts('[StatsdInput]\n'), [
    "f:1:1: HKT_CONFIG_VALUE 'StatsdInput' setting 'stat_accum_name': No Input named 'StatAccumInput'",
  ]);
  t.match(texts(`${filter}stat_accum_name = "in"\n[in]\ntype = "StdinInput"\n`), [
    "f:4:19: HKT_CONFIG_VALUE 'f' setting 'stat_accum_name': Input 'in' is not a StatAccumulator",
  ]);
  t.same(texts(`${filter}[StatAccumInput]\nticker_interval = 0\n`), [
    "f:5:19: HKT_CONFIG_VALUE 'StatAccumInput' setting 'ticker_interval': TickerInterval must be greater than 0.",
  ]);
});
