/**
 * Makes the tutorial's access log: one day of a small web shop in nginx's combined format, in the order of time.
 * The same seed gives the same bytes, so the file can be made again:
 *
 *   node examples/tutorial/make-access-log.ts > examples/tutorial/logs/access.log
 */
import { pathToFileURL } from 'node:url';

export const LINES = 10_000;
export const SEED = 20_260_312;
const DAY_START_MS = Date.UTC(2026, 2, 12);

/** Share of the day's requests in each hour, UTC: quiet at night, a peak at lunch and another in the evening. */
const HOUR_WEIGHTS = [
  12, 8, 6, 5, 5, 8, 18, 34, 52, 60, 62, 66, 74, 70, 62, 58, 56, 58, 66, 78, 82, 70, 46, 26,
];

interface Page {
  readonly path: (random: Random) => string;
  readonly weight: number;
  /** Bytes of a full answer, smallest and largest. */
  readonly size: readonly [number, number];
  /** Whether browsers keep it and ask with If-Modified-Since. */
  readonly cached: boolean;
  readonly method?: string;
}

const CATEGORIES = ['lamps', 'chairs', 'tables', 'shelves', 'rugs', 'garden', 'kitchen'];
const SEARCHES = ['desk+lamp', 'oak', 'bookshelf', 'blue+rug', 'wall+clock', 'stool', 'sofa%20bed'];

const PAGES: readonly Page[] = [
  { path: () => '/', weight: 14, size: [8_800, 9_400], cached: false },
  {
    path: (r) => `/category/${r.pick(CATEGORIES)}`,
    weight: 12,
    size: [14_000, 31_000],
    cached: false,
  },
  { path: (r) => `/item/${1000 + r.below(900)}`, weight: 18, size: [9_000, 18_000], cached: false },
  { path: (r) => `/search?q=${r.pick(SEARCHES)}`, weight: 6, size: [5_000, 22_000], cached: false },
  { path: () => '/cart', weight: 4, size: [3_100, 7_500], cached: false },
  { path: () => '/checkout', weight: 2, size: [4_200, 4_900], cached: false },
  { path: () => '/api/cart', weight: 4, size: [60, 420], cached: false, method: 'POST' },
  { path: () => '/api/stock?limit=20', weight: 5, size: [700, 1_900], cached: false },
  { path: () => '/static/app.3f9c1a.js', weight: 11, size: [182_344, 182_344], cached: true },
  { path: () => '/static/site.77b0e2.css', weight: 11, size: [24_871, 24_871], cached: true },
  {
    path: (r) => `/images/${1000 + r.below(900)}.webp`,
    weight: 22,
    size: [12_000, 96_000],
    cached: true,
  },
  { path: () => '/favicon.ico', weight: 4, size: [4_286, 4_286], cached: true },
  { path: () => '/robots.txt', weight: 1, size: [112, 112], cached: false },
];

/** What scanners ask every server for. */
const WRONG_PATHS = [
  '/wp-login.php',
  '/.env',
  '/admin/config.php',
  '/apple-touch-icon-120x120.png',
  '/old/catalogue.html',
  '/phpmyadmin/index.php',
];

const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.2 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.2 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Mobile Safari/537.36',
];
const ROBOTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'curl/8.17.0',
  'Go-http-client/1.1',
];
const REFERERS = [
  '-',
  '-',
  'https://www.google.com/',
  'https://shop.example/',
  'https://shop.example/cart',
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A small seeded generator (Marsaglia's xorshift with 32 bits): enough for a log file, of no use for secrets. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** 0 ≤ n < bound. */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  weighted<T>(items: readonly T[], weight: (item: T) => number): T {
    let rest = this.below(items.reduce((sum, item) => sum + weight(item), 0));
    for (const item of items) {
      rest -= weight(item);
      if (rest < 0) return item;
    }
    throw new RangeError('weights changed between two looks');
  }
}

/** The whole file's text. */
export function accessLog(lines: number = LINES, seed: number = SEED): string {
  const random = new Random(seed);
  const hours = HOUR_WEIGHTS.map((weight, hour) => ({ weight, hour }));
  const times: number[] = [];
  for (let i = 0; i < lines; i++) {
    const { hour } = random.weighted(hours, (entry) => entry.weight);
    times.push(hour * 3600 + random.below(3600));
  }
  times.sort((a, b) => a - b);
  let text = '';
  for (const seconds of times) text += `${line(random, DAY_START_MS + seconds * 1000)}\n`;
  return text;
}

function line(random: Random, atMs: number): string {
  const robot = random.below(100) < 9;
  const agent = random.pick(robot ? ROBOTS : BROWSERS);
  const address = robot ? `198.51.100.${random.below(24)}` : `203.0.113.${random.below(254) + 1}`;
  const referer = robot ? '-' : random.pick(REFERERS);
  const user = random.below(400) === 0 ? 'editor' : '-';
  const [method, path, status, size] = answer(random, robot);
  return `${address} - ${user} [${stamp(atMs)}] "${method} ${path} HTTP/1.1" ${status} ${size} "${referer}" "${agent}"`;
}

function answer(random: Random, robot: boolean): [string, string, number, number] {
  const fate = random.below(1000);
  if (fate < (robot ? 160 : 14)) return ['GET', random.pick(WRONG_PATHS), 404, 153];
  const page = random.weighted(PAGES, (candidate) => candidate.weight);
  const path = page.path(random);
  const method = page.method ?? (robot && random.below(5) === 0 ? 'HEAD' : 'GET');
  if (fate >= 996) return [method, path, 500, 177];
  if (fate === 995) return [method, path, 502, 157];
  if (page.cached && random.below(100) < 38) return [method, path, 304, 0];
  if (path === '/checkout' && random.below(10) < 3) return [method, path, 302, 138];
  const [least, most] = page.size;
  const size = least + (most > least ? random.below(most - least + 1) : 0);
  return [method, path, 200, method === 'HEAD' ? 0 : size];
}

/** nginx's $time_local at UTC: 12/Mar/2026:00:00:01 +0000. */
function stamp(ms: number): string {
  const date = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${two(date.getUTCDate())}/${month}/${date.getUTCFullYear()}:${clock} +0000`;
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(started).href) {
  process.stdout.write(accessLog());
}
