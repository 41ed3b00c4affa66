/** An SMTP server in this process for tests: it keeps the mails that it takes, and answers as it is told. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
  /** "user password" of who logged in, or "". */
  readonly login: string;
  readonly encrypted: boolean;
}

export interface SmtpOptions {
  /** Offers STARTTLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The one user. With one, mails need a login. */
  readonly user?: { readonly name: string; readonly password: string };
}

export class SmtpPeer {
  readonly mails: Mail[] = [];
  /** Every command that came, without what mails hold. */
  readonly commands: string[] = [];
  connections = 0;
  /** The answer to a command, in place of the usual one; undefined for the usual one. */
  answer: (command: string) => string | undefined = () => undefined;
  readonly #options: SmtpOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: SmtpOptions = {}) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      new Session(this, options, socket).greet();
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server's
  }

  get open(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get needsLogin(): boolean {
    return this.#options.user !== undefined;
  }
}

const CHALLENGE = Buffer.from('<1.2@peer>').toString('base64');

class Session {
  readonly #peer: SmtpPeer;
  readonly #options: SmtpOptions;
  #socket: Socket;
  #buffer = '';
  #from = '';
  #to: string[] = [];
  #login = '';
  #data: string | undefined;
  #awaitsDigest = false;
  #encrypted = false;

  constructor(peer: SmtpPeer, options: SmtpOptions, socket: Socket) {
    this.#peer = peer;
    this.#options = options;
    this.#socket = socket;
    this.#listen();
  }

  greet(): void {
    const other = this.#peer.answer('GREETING');
    if (other !== '') this.#say(other ?? '220 peer ready');
  }

  #say(line: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${line}\r\n`);
  }

  #listen(): void {
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer += chunk.toString('latin1');
      for (let end = this.#buffer.indexOf('\r\n'); end >= 0; end = this.#buffer.indexOf('\r\n')) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 2);
        this.#line(line);
      }
    });
  }

  #line(line: string): void {
    if (this.#data !== undefined) {
      if (line !== '.') this.#data += `${line.replace(/^\./, '')}\r\n`;
      else this.#take(this.#data);
      return;
    }
    this.#peer.commands.push(line);
    const other = this.#peer.answer(line);
    if (other !== undefined) {
      if (other !== '') this.#say(other);
      return;
    }
    if (this.#awaitsDigest) this.#checkDigest(line);
    else this.#command(line);
  }

  #command(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    switch (word.toUpperCase()) {
      case 'EHLO': {
        const tls = this.#options.tls !== undefined && !this.#encrypted ? '250-STARTTLS\r\n' : '';
        this.#say(`250-peer\r\n${tls}250 AUTH PLAIN CRAM-MD5`);
        return;
      }
      case 'STARTTLS':
        if (this.#options.tls === undefined) this.#say('502 not here');
        else {
          this.#say('220 go');
          this.#encrypt(this.#options.tls);
        }
        return;
      case 'AUTH':
        this.#auth(rest);
        return;
      case 'MAIL':
        if (this.#peer.needsLogin && this.#login === '') this.#say('530 log in first');
        else {
          this.#from = /<(.*)>/.exec(line)?.[1] ?? '';
          this.#to = [];
          this.#say('250 ok');
        }
        return;
      case 'RCPT':
        this.#to.push(/<(.*)>/.exec(line)?.[1] ?? '');
        this.#say('250 ok');
        return;
      case 'DATA':
        this.#data = '';
        this.#say('354 go on');
        return;
      case 'QUIT':
        this.#say('221 bye');
        this.#socket.end();
        return;
      default:
        this.#say('500 what?');
    }
  }

  #auth([method, text = '']: readonly string[]): void {
    if (method === 'CRAM-MD5') {
      this.#awaitsDigest = true;
      this.#say(`334 ${CHALLENGE}`);
      return;
    }
    const [, name, password] = Buffer.from(text, 'base64').toString().split('\0');
    const { user } = this.#options;
    this.#finishLogin(name === user?.name && password === user?.password);
  }

  #checkDigest(line: string): void {
    this.#awaitsDigest = false;
    const { user } = this.#options;
    const digest = createHmac('md5', user?.password ?? '')
      .update(Buffer.from(CHALLENGE, 'base64'))
      .digest('hex');
    this.#finishLogin(Buffer.from(line, 'base64').toString() === `${user?.name} ${digest}`);
  }

  #finishLogin(good: boolean): void {
    if (good) this.#login = this.#options.user?.name ?? '';
    this.#say(good ? '235 welcome' : '535 no');
  }

  #take(text: string): void {
    this.#data = undefined;
    const other = this.#peer.answer('END OF DATA');
    if (other === undefined) {
      this.#peer.mails.push({
        from: this.#from,
        to: this.#to,
        text,
        login: this.#login,
        encrypted: this.#encrypted,
      });
    }
    this.#say(other ?? '250 taken');
  }

  #encrypt(tls: { readonly cert: string; readonly key: string }): void {
    this.#socket.removeAllListeners('data');
    this.#socket = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext: createSecureContext({
        cert: readFileSync(tls.cert),
        key: readFileSync(tls.key),
      }),
    });
    this.#encrypted = true;
    this.#listen();
  }
}
