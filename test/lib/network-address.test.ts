import t from 'tap';
import {
  addressFault,
  addressText,
  isLoopback,
  parseAddress,
  plainHost,
} from '../../lib/network-address.ts';

t.test('addresses are read as host and port', async (t) => {
  t.same(parseAddress('127.0.0.1:5565'), { host: '127.0.0.1', port: 5565 });
  t.same(parseAddress(':5565'), { host: '', port: 5565 });
  t.same(parseAddress('[::1]:0'), { host: '::1', port: 0 });
  t.same(parseAddress('example.com:80'), { host: 'example.com', port: 80 });
});

t.test('what is no address is refused with a reason', async (t) => {
  const cases: Record<string, RegExp> = {
    localhost: /port is missing/,
    'localhost:http': /number/,
    'localhost:65536': /65535/,
    'localhost:-1': /number/,
    '::1:80': /brackets/,
    '[::1:80': /closing/,
    '[host]:80': /only an IPv6/,
    '/var/run/x.sock:1': /no host has/,
    'a b:1': /no host has/,
  };
  for (const [text, reason] of Object.entries(cases)) {
    t.throws(() => parseAddress(text), { code: 'HKT_PLUGIN_ADDRESS' }, text);
    t.match(addressFault(text), reason, text);
  }
  t.equal(addressFault(':0'), undefined);
});

t.test('loopback addresses are known in all their forms', async (t) => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    t.equal(isLoopback(host), true, host);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', '127.0.0.1.example.com']) {
    t.equal(isLoopback(host), false, host);
  }
  t.equal(plainHost('::FFFF:1.2.3.4'), '1.2.3.4');
  t.equal(addressText('::1', 8), '[::1]:8');
  t.equal(addressText('1.2.3.4', 8), '1.2.3.4:8');
});
