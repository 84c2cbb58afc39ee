// The icon: a speech bubble on a rounded square, drawn once as points for every format.
import { deflateSync } from "node:zlib";

const COLOUR = [0x1f, 0x4e, 0x6b];
const rounded = (x, y, [left, top, right, bottom], r) => {
  const dx = Math.max(left + r - x, 0, x - (right - r));
  const dy = Math.max(top + r - y, 0, y - (bottom - r));
  return x >= left && x <= right && y >= top && y <= bottom && dx * dx + dy * dy <= r * r;
};
// All in a square of 32.
const square = (x, y) => rounded(x, y, [0, 0, 32, 32], 6);
const bubble = (x, y) => rounded(x, y, [6, 7, 26, 21], 4)
  || (x >= 10 && y >= 20 && y <= 26 && x - 10 <= 26 - y);

export const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">`
  + `<rect width="32" height="32" rx="6" fill="#1f4e6b"/>`
  + `<path fill="#fff" d="M10 7h12a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4h-6l-6 5v-5a4 4 0 0 1-4-4v-6a4 4 0 0 1 4-4z"/></svg>\n`;

// node:zlib has this only from version 20.15 on, and Debian's may be older.
const crc32 = (bytes) => {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
};

const chunk = (kind, data) => {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
};

/** A PNG of `size` pixels; each is the mean of sixteen looks, so that edges are smooth. */
export function png(size) {
  const rows = [];
  for (let y = 0; y < size; y += 1) {
    const row = [0];
    for (let x = 0; x < size; x += 1) {
      let [inside, white] = [0, 0];
      for (let look = 0; look < 16; look += 1) {
        const at = [x + ((look % 4) + 0.5) / 4, y + (Math.floor(look / 4) + 0.5) / 4];
        const [u, v] = at.map((n) => (n * 32) / size);
        if (square(u, v)) inside += 1;
        if (bubble(u, v)) white += 1;
      }
      const share = inside === 0 ? 0 : white / inside;
      row.push(...COLOUR.map((c) => Math.round(c + (255 - c) * share)), Math.round(inside * 15.9375));
    }
    rows.push(Buffer.from(row));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits each of red, green, blue, alpha
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  return Buffer.concat([
    signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The same picture for those who ask for /favicon.ico. */
export function ico() {
  const picture = png(32);
  const header = Buffer.alloc(22);
  header.set([0, 0, 1, 0, 1, 0, 32, 32, 0, 0, 1, 0, 32, 0]);
  header.writeUInt32LE(picture.length, 14);
  header.writeUInt32LE(22, 18);
  return Buffer.concat([header, picture]);
}
