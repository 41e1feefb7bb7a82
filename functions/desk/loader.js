// The page comes packed, at a third of its size. What is unpacked runs under the page's policy: it names the hashes of
// this script, of the one within, and of the style.
const unpack = async (id) => {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
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
