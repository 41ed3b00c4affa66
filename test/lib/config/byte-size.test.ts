import t from 'tap';
import { byteSizeText, parseByteSize } from '../../../lib/config/byte-size.ts';

t.test('a size is a number with an optional unit of powers of 1000 or 1024', async (t) => {
  const table: [string, number][] = [
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['64KiB', 65_536],
    ['64 KiB', 65_536],
    ['8MiB', 8_388_608],
    ['1MB', 1_000_000],
    ['1GB', 1_000_000_000],
    ['1GiB', 1_073_741_824],
    ['1.5KiB', 1536],
    ['1kb', 1000],
  ];
  for (const [text, bytes] of table) t.equal(parseByteSize(text), bytes, text);
});

t.test('a text that is no size is refused with a text that names it', async (t) => {
  for (const text of ['', 'KiB', '-1', '8 MiBs', '8Mi', '1e3', '0x10', '1 2', '8toString'])
    t.match(parseByteSize(text), /^invalid size "/, text);
  t.match(parseByteSize('0.3B'), /not a whole number of bytes/);
  t.match(parseByteSize('99999999GiB'), /can be held exactly/);
});

t.test('a size is shown in its largest whole unit', async (t) => {
  t.equal(byteSizeText(64_512), '63KiB');
  t.equal(byteSizeText(8_388_608), '8MiB');
  t.equal(byteSizeText(1_073_741_824), '1GiB');
  t.equal(byteSizeText(1000), '1000');
  t.equal(byteSizeText(0), '0');
});
