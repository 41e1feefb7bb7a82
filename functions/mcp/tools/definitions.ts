import { toDefinition } from '../tool.ts';
import { TOOLS } from './index.ts';

/** The tools as `tools/list` gives them. The build replaces this module by its value. */
export const TOOL_DEFINITIONS = TOOLS.map(toDefinition);
