/** `npm run docs`: brings the parts of the pages up to date that are made from the code. */
import { updatePages } from './generated-sections.ts';

updatePages();
