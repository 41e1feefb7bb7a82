/** Begins the desk: a page of its own if the server says so, else a view inside a chat. */
import { readSettings, startPage } from './page.ts';

const root = document.querySelector('#desk');
const live = document.querySelector('#live');
const settings = readSettings();
if (root && live && settings) startPage(settings, root, live);
