/** Begins the desk: a page of its own if the server says so, else a view inside a chat. */
import { startChat } from './chat.ts';
import { readSettings, startPage } from './page.ts';

const root = document.querySelector('#desk');
const live = document.querySelector('#live');
const settings = readSettings();
if (root && live) {
  if (settings) startPage(settings, root, live);
  else if (window.parent !== window) startChat(root, live);
}
