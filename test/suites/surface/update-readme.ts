/** `npm run docs`: puts the table of tools into the README. */
import { updateReadme } from './tool-table.ts';

updateReadme();
