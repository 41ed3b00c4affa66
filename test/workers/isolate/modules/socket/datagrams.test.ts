import t from 'tap';
import { onSockets } from './socket-guest.ts';

const PAIR = `
socket = require "socket"
server = assert(socket.udp())
assert(server:setsockname("127.0.0.1", 0))
server:settimeout(20)
port = select(2, server:getsockname())
client = assert(socket.udp())
client:settimeout(20)
`;

onSockets((name, opened) => {
  t.test(`${name}: datagrams to an address, and who sent them`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    t.same(guest.run('return client:sendto("hello", "127.0.0.1", port)'), [5]);
    const [text, address, from] = guest.run('return server:receivefrom()');
    t.same([text, address], ['hello', '127.0.0.1']);
    t.equal(from, guest.run('return client:getsockname()')[1]);
    guest.run('server:sendto("answer", "127.0.0.1", (select(2, client:getsockname())))');
    t.same(guest.run('return client:receive(3)'), ['ans'], 'what is longer is cut off');
    guest.run('client:sendto("", "127.0.0.1", port)');
    t.same(guest.run('return server:receive()'), ['']);
    guest.run('server:settimeout(0)');
    t.same(guest.run('return server:receive()'), [undefined, 'timeout']);
    t.same(guest.run('return server:receivefrom()'), [undefined, 'timeout']);
    t.same(guest.run('return client:sendto("x", "localhost", port)'), [
      undefined,
      'Name or service not known',
    ]);
    guest.run('client:sendto(string.rep("x", 20000), "127.0.0.1", port) server:settimeout(20)');
    t.equal(guest.value('return #server:receive()'), 8192, 'the default');
    guest.run('client:sendto(string.rep("x", 20000), "127.0.0.1", port)');
    t.equal(guest.value('return #server:receive(65536)'), 20000);
  });

  t.test(`${name}: a socket with a peer has methods of its own`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    t.match(guest.error('client:send("x")'), 'udp{connected} expected');
    t.match(guest.error('client:getpeername()'), 'udp{connected} expected');
    t.equal(guest.value('return client:setpeername("127.0.0.1", port)'), 1);
    t.match(guest.value('return tostring(client)'), /^udp\{connected\}: /);
    t.same(guest.run('return client:getpeername()'), [
      '127.0.0.1',
      guest.value('return port'),
      'inet',
    ]);
    t.same(guest.run('return client:send("to the peer"), server:receive()'), [11, 'to the peer']);
    t.match(guest.error('client:sendto("x", "127.0.0.1", port)'), 'udp{unconnected} expected');
    guest.run('server:close() client:send("x")');
    t.same(guest.run('return client:receive()'), [undefined, 'connection refused']);
    t.equal(guest.value('return client:setpeername("*")'), 1);
    t.match(guest.value('return tostring(client)'), /^udp\{unconnected\}: /);
    t.same(guest.run('return client:close(), client:receive()'), [1, undefined, 'closed']);
  });

  t.test(`${name}: options of datagram sockets`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    t.same(guest.run('return server:setoption("broadcast", true), server:getoption("broadcast")'), [
      1,
      true,
    ]);
    t.same(guest.run('return server:setoption("ip-multicast-ttl", 2)'), [1]);
    t.same(guest.run('return server:setoption("dontroute", true)'), [
      undefined,
      'setsockopt failed',
    ]);
    t.same(
      guest.run(
        'return server:setoption("ip-add-membership", {multiaddr = "1.2.3.4", interface = "*"})',
      ),
      [undefined, 'setsockopt failed'],
    );
    t.match(
      guest.error('server:setoption("ip-add-membership", {})'),
      "string 'multiaddr' field expected",
    );
    t.match(guest.error('server:setoption("bogus", true)'), "unsupported option `bogus'");
  });

  t.test(`${name}: select takes sockets of all kinds, and a script's own objects`, async (t) => {
    const guest = opened(t);
    guest.run(PAIR);
    guest.run(`
      listener = assert(socket.bind("127.0.0.1", 0))
      a = assert(socket.connect("127.0.0.1", (select(2, listener:getsockname()))))
      b = listener:accept()
      client:sendto("x", "127.0.0.1", port)
      a:send("x")
      b:settimeout(20) b:receive(0)`);
    t.same(
      guest.run(
        'local r, w, err = socket.select({server, b, listener}, nil, 20) return #r >= 1, #w, err',
      ),
      [true, 0, undefined],
    );
    t.same(guest.run('local r = socket.select({b}, nil, 20) return r[1] == b, r[b]'), [true, 1]);
    t.same(
      guest.run('local r, w = socket.select({b}, {a}, 20) return r[b], w[a], #r, #w'),
      [1, 1, 1, 1],
    );
    t.same(guest.run('local r, w, err = socket.select({listener}, {}, 0) return #r, #w, err'), [
      0,
      0,
      'timeout',
    ]);
    t.same(guest.run('local r, w, err = socket.select(nil, nil, 0.01) return #r, #w, err'), [
      0,
      0,
      'timeout',
    ]);
    guest.run('own = setmetatable({}, {__index = {getfd = function() return b:getfd() end}})');
    t.equal(guest.value('return (socket.select({own}, nil, 20))[1] == own'), true);
    guest.run(
      'held = {getfd = function() return listener:getfd() end, dirty = function() return true end}',
    );
    t.same(guest.run('local r = socket.select({listener, held}, nil) return r[1] == held, #r'), [
      true,
      1,
    ]);
    t.same(
      guest.run('b:close() return select(3, socket.select({b, {}}, nil, 0))'),
      ['timeout'],
      'closed ones do not count',
    );
    t.match(guest.error('socket.select({1}, nil, 0)'), 'attempt to index');
    t.match(guest.error('socket.select(1)'), 'table expected, got number');
    t.match(
      guest.error('local t = {} for i = 1, 5000 do t[i] = server end socket.select(t, nil, 0)'),
      'too many sockets',
    );
  });

  t.test(`${name}: names, times, and what unwinds`, async (t) => {
    const guest = opened(t);
    guest.run('socket = require "socket"');
    t.equal(guest.value('return socket._VERSION'), 'LuaSocket 3.0.0');
    t.match(guest.value('return socket.dns.toip("127.0.0.1")'), '127.0.0.1');
    t.same(
      guest.run('local _, r = socket.dns.toip("127.0.0.1") return r.name, r.ip[1], #r.alias'),
      ['127.0.0.1', '127.0.0.1', 0],
    );
    t.same(guest.run('return socket.dns.toip("no.such.host.invalid")'), [
      undefined,
      'host not found',
    ]);
    t.same(guest.run('return socket.dns.tohostname("no.such.host.invalid")'), [
      undefined,
      'host not found',
    ]);
    t.same(
      guest.run(
        'local list = socket.dns.getaddrinfo("127.0.0.1") return list[1].family, list[1].addr',
      ),
      ['inet', '127.0.0.1'],
    );
    t.type(guest.value('return socket.dns.gethostname()'), 'string');
    t.type(guest.value('return socket.dns.tohostname("127.0.0.1")'), 'string');
    t.same(
      guest.run(
        'local before = socket.gettime() socket.sleep(0.01) return socket.gettime() - before >= 0.009',
      ),
      [true],
    );
    t.same(guest.run('return socket.skip(2, "a", "b", "c", nil)'), ['c', undefined]);
    t.same(guest.run('return socket.skip(5, "a")'), []);
    t.same(guest.run('return socket.try(1, 2, 3)'), [1, 2, 3]);
    t.same(guest.run('return socket.protect(function() socket.try(nil, "why") end)()'), [
      undefined,
      'why',
    ]);
    t.same(guest.run('return socket.protect(function(...) return ... end)(1, nil, 3)'), [
      1,
      undefined,
      3,
    ]);
    t.match(guest.error('socket.protect(function() error("other") end)()'), 'other');
    guest.run('finished = 0 attempt = socket.newtry(function() finished = finished + 1 end)');
    t.same(guest.run('return socket.protect(function() attempt(false, "x") end)()'), [
      undefined,
      'x',
    ]);
    t.equal(guest.value('attempt(true) return finished'), 1);
    t.match(guest.error('socket.sink("nowhere", {})'), 'unknown key (nowhere)');
  });
});
