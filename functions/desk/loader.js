// The page comes packed, at a third of its size. What is unpacked runs under the page's policy: it names the hashes of
// this script, of the one within, and of the style.
const alphabet = document.getElementById('alphabet').textContent;

/** Bytes from text in which two characters stand for 13 bits, or 14 if these are small (basE91). */
const bytesOf = (text) => {
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i += 2) {
    const value = alphabet.indexOf(text[i]) + alphabet.indexOf(text[i + 1]) * 91;
    held |= value << bits;
    bits += (value & 8191) > 88 ? 13 : 14;
    for (; bits > 7; bits -= 8) {
      bytes.push(held & 255);
      held >>= 8;
    }
  }
  return Uint8Array.from(bytes);
};
const unpack = async (id) => {
  const { dataset, textContent } = document.getElementById(id);
  const packed = new Blob([bytesOf(textContent).subarray(0, dataset.bytes)]);
  const plain = packed.stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return (await new Response(plain).text()).split('\0');
};
const put = (tag, text) => {
  const element = document.createElement(tag);
  element.textContent = text;
  document.head.append(element);
};
const policy = window.trustedTypes?.createPolicy('desk', { createScript: (text) => text });
void unpack('packed').then(([style, script, words]) => {
  put('style', style);
  document.getElementById('words').textContent = words;
  put('script', policy ? policy.createScript(script) : script);
});
