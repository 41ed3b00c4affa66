import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { onSockets } from './socket-guest.ts';

/** A server, a client and the server's end of the connection. */
const PAIR = `
socket = require "socket"
server = assert(socket.bind("127.0.0.1", 0))
port = select(2, server:getsockname())
a = assert(socket.connect("127.0.0.1", port))
b = assert(server:accept())
for _, s in ipairs {server, a, b} do s:settimeout(20) end
`;

onSockets((name, opened) => {
  t.test(`${name}: receive gives lines, counts and everything, behind a prefix`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    guest.run('a:send("one\\r\\ntwo\\n12345678rest")');
    t.same(guest.run('return b:receive()'), ['one', undefined, undefined]);
    t.same(guest.run('return b:receive("*l", "pre ")'), ['pre two', undefined, undefined]);
    t.same(guest.run('return b:receive(3)'), ['123', undefined, undefined]);
    t.same(guest.run('return b:receive("2")'), ['45', undefined, undefined]);
    t.same(guest.run('return b:receive(4, "ab")'), ['ab67', undefined, undefined]);
    t.same(
      guest.run('return b:receive(2, "abc")'),
      ['abc', undefined, undefined],
      'enough already',
    );
    t.same(guest.run('return b:receive(0)'), ['', undefined, undefined]);
    guest.run('a:close()');
    t.same(guest.run('return b:receive("*a")'), ['8rest', undefined, undefined]);
    t.same(guest.run('return b:receive("*a")'), [undefined, 'closed', '']);
    t.same(guest.run('return b:receive("*a", "kept")'), [undefined, 'closed', 'kept']);
    t.match(
      guest.error('b:receive("*x")'),
      "bad argument #1 to 'receive' (invalid receive pattern)",
    );
    t.match(guest.error('b:receive(-1)'), '(invalid receive pattern)');
    t.match(guest.error('b:receive(0/0)'), '(invalid receive pattern)');
    t.match(guest.error('b:receive({})'), '(string expected, got table)');
  });

  t.test(`${name}: what came before the time was over is given with the error`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    guest.run('a:send("part") b:receive(0) b:settimeout(0)');
    t.same(guest.run('return b:receive()'), [undefined, 'timeout', 'part']);
    guest.run('a:send("xy") b:settimeout(20) b:receive(0) b:settimeout(0.01)');
    t.same(guest.run('return b:receive(9, "part")'), [undefined, 'timeout', 'partxy']);
    guest.run('b:settimeout(-1) b:settimeout(0.01, "t")');
    t.same(guest.run('return b:receive("*a")'), [undefined, 'timeout', '']);
    t.same(guest.run('return b:gettimeout()'), [-1, 0.01]);
    t.match(guest.error('b:settimeout(1, "x")'), '(invalid timeout mode)');
  });

  t.test(`${name}: send takes a part of a text, and tells how far it came`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    t.same(guest.run('return a:send("hello\\n")'), [6, undefined, undefined]);
    t.same(guest.run('return a:send("xhellox", 2, 6)'), [6, undefined, undefined]);
    t.same(guest.run('return a:send("xhello\\n", -6)'), [7, undefined, undefined]);
    t.same(guest.run('return a:send("abc", 5)'), [4, undefined, undefined], 'as upstream');
    t.same(guest.run('return (b:receive()), (b:receive())'), ['hello', 'hellohello']);
    t.same(guest.run('return a:send(12.5)'), [4, undefined, undefined], 'numbers are texts');
    t.match(guest.error('a:send()'), 'string expected, got no value');
    guest.run('big = string.rep("0123456789", 100000)');
    const [sent, error, place] = guest.run('a:settimeout(0.2) return a:send(big:rep(20))');
    t.same([sent, error], [undefined, 'timeout'], 'the peer reads nothing');
    t.ok(Number(place) > 60_000 && Number(place) < 20_000_000, `${String(place)} bytes are sent`);
  });

  t.test(
    `${name}: objects become clients and servers, and have the methods of those`,
    async (t) => {
      const guest = opened(t);
      guest.run(PAIR);
      t.match(guest.value('return tostring(socket.tcp())'), /^tcp\{master\}: \d+$/);
      t.match(guest.value('return tostring(a)'), /^tcp\{client\}: \d+$/);
      t.match(guest.value('return tostring(server)'), /^tcp\{server\}: \d+$/);
      for (const [call, type] of [
        ['server:send("x")', 'tcp{client}'],
        ['socket.tcp():receive()', 'tcp{client}'],
        ['a:accept()', 'tcp{server}'],
        ['a:listen()', 'tcp{master}'],
        ['server:bind("*", 0)', 'tcp{master}'],
        ['a.send("x")', 'tcp{client}'],
        ['a.close(socket.udp())', 'tcp{any}'],
      ] as const) {
        t.match(guest.error(call), `${type} expected`, call);
      }
      t.same(guest.run('return a:getfd() > 0, socket.tcp():getfd(), a:getfamily()'), [
        true,
        -1,
        'inet4',
      ]);
      t.match(guest.error('a:setfd(5)'), 'sockets have no descriptors here');
      const [address, port, family] = guest.run('return a:getpeername()');
      t.same([address, family], ['127.0.0.1', 'inet']);
      t.equal(port, guest.value('return port'));
      t.same(
        guest.run('local ip, p = b:getpeername() return ip, p == select(2, a:getsockname())'),
        ['127.0.0.1', true],
      );
      guest.run('a:send("12345") b:receive(5)');
      t.same(guest.run('local r, s, age = b:getstats() return r, s, age >= 0'), [5, 0, true]);
      t.same(guest.run('b:setstats(1, 2) return b:getstats()').slice(0, 2), [1, 2]);
      t.same(guest.run('a:close() return a:close()'), [1]);
      t.same(guest.run('return a:send("x")'), [undefined, 'closed', 0]);
      t.same(guest.run('return a:receive()'), [undefined, 'closed', '']);
      t.same(guest.run('return a:getpeername()'), [undefined, 'Bad file descriptor']);
    },
  );

  t.test(`${name}: a place that is taken, and one that there is not`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    t.same(guest.run('return socket.bind("127.0.0.1", port)'), [
      undefined,
      'address already in use',
    ]);
    t.same(guest.run('return socket.bind("192.0.2.1", 0)'), [
      undefined,
      'Cannot assign requested address',
    ]);
    guest.run('server:close()');
    t.same(guest.run('return socket.connect("127.0.0.1", port)'), [
      undefined,
      'connection refused',
    ]);
    t.same(guest.run('return socket.tcp():connect("127.0.0.1", port)'), [
      undefined,
      'connection refused',
    ]);
    t.same(guest.run('return socket.connect("no.such.host.invalid", 1)'), [
      undefined,
      'host or service not provided, or not known',
    ]);
    t.match(guest.error('socket.connect("a", 1, "b", 2, "ipx")'), "(invalid option 'ipx')");
    t.same(guest.run('local s = assert(socket.bind("*", 0)) return (s:getsockname())'), [
      '0.0.0.0',
    ]);
  });

  t.test(`${name}: a client may have a place of its own`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    guest.run(`
      c = assert(socket.connect4("127.0.0.1", port, "127.0.0.1", 0))
      d = server:accept()
      bound = socket.tcp4()
      assert(bound:bind("127.0.0.1", 0))
      place = select(2, bound:getsockname())
      assert(bound:connect("127.0.0.1", port))
      e = server:accept()`);
    t.same(guest.run('return select(2, d:getpeername()) == select(2, c:getsockname())'), [true]);
    t.same(guest.run('return select(2, e:getpeername()) == place'), [true]);
    t.equal(
      guest.value('return select(2, socket.connect6("127.0.0.1", port))'),
      'Address family for hostname not supported',
    );
  });

  t.test(`${name}: options are checked as upstream checks them`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    for (const option of [
      '"tcp-nodelay", true',
      '"keepalive", true',
      '"reuseaddr", true',
      '"linger", {on = true, timeout = 5}',
    ]) {
      t.same(guest.run(`return a:setoption(${option})`), [1], option);
    }
    t.same(guest.run('return a:getoption("keepalive"), a:getoption("tcp-nodelay")'), [true, true]);
    t.same(guest.run('return a:setoption("tcp-keepidle", 5)'), [undefined, 'setsockopt failed']);
    t.match(guest.error('a:setoption("bogus", true)'), "(unsupported option `bogus')");
    t.match(guest.error('a:setoption("keepalive", 1)'), '(boolean expected, got number)');
    t.match(guest.error('a:setoption("linger", {on = 1})'), "(boolean 'on' field expected)");
    t.match(guest.error('a:shutdown("x")'), "(invalid option 'x')");
    t.same(guest.run('return a:shutdown("send"), b:receive()'), [1, undefined, 'closed', '']);
  });

  t.test(`${name}: sockets in the file system are streams`, async (t) => {
    const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'hekate-')));
    t.teardown(() => rmSync(root, { recursive: true }));
    const guest = opened(t, { root });
    guest.run(`
      unix = require "socket.unix"
      server = unix.stream()
      assert(server:bind("s.sock"))
      assert(server:listen())
      client = unix()
      assert(client:connect("s.sock"))
      peer = server:accept()
      peer:send("by file\\n")`);
    t.equal(guest.value('return client:receive()'), 'by file');
    t.match(guest.value('return tostring(server)'), /^unixstream\{server\}: /);
    t.equal(guest.value('return server:getsockname()'), path.join(root, 's.sock'));
    t.same(guest.run('return unix.tcp():bind("../outside")'), [undefined, 'permission denied']);
    t.match(
      guest.error('unix.udp()'),
      'datagram sockets in the file system are not to be had here',
    );
    t.match(
      guest.error('unix.dgram()'),
      'datagram sockets in the file system are not to be had here',
    );
    t.match(
      guest.error('client.send(require("socket").tcp(), "x")'),
      'unixstream{client} expected',
    );
  });

  t.test(`${name}: a line without end and a huge count end at the sandbox's memory`, async (t) => {
    const guest = opened(t, { memoryBytes: 2 * 1024 * 1024 });
    guest.run(PAIR);
    const flood = `
      a:settimeout(0)
      local text = string.rep("x", 65536)
      local function more() while a:send(text) do end end`;
    t.match(
      guest.error(`${flood} local part = "" while true do more() b:settimeout(0.05)
        local _, err, p = b:receive("*l", part) part = p end`),
      'not enough memory',
    );
    t.same(guest.run('b:settimeout(0) local x, err, p = b:receive(1e15) return x, err, #p < 2e6'), [
      undefined,
      'timeout',
      true,
    ]);
  });

  t.test(`${name}: a script that never closes a socket is told that it has too many`, async (t) => {
    const guest = opened(t);
    guest.run('socket = require "socket"');
    const [made, error] = guest.run(`
      all = {}
      while true do
        local s, err = socket.tcp()
        if not s then return #all, err end
        all[#all + 1] = s
      end`);
    t.same([made, error], [1024, 'Too many open files']);
    t.same(guest.run('all[1]:close() return type(socket.udp()), select(2, socket.udp())'), [
      'userdata',
      'Too many open files',
    ]);
  });

  t.test(`${name}: without network nothing is opened`, async (t) => {
    const guest = opened(t, { network: false });
    guest.run('socket = require "socket"');
    for (const call of [
      'tcp()',
      'udp()',
      'bind("*", 0)',
      'connect("a", 1)',
      'dns.toip("localhost")',
    ]) {
      t.match(guest.error(`socket.${call}`), "its setting 'network' is false", call);
    }
    t.type(guest.value('return socket.gettime()'), 'number');
  });
});
