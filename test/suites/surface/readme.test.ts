import { expect, test } from 'vitest';
import { readmeWithTable, toolTable } from './tool-table.ts';

test("the README's table of tools is the one that the definitions give (npm run docs)", () => {
  const { is, shouldBe } = readmeWithTable();
  expect(is).toBe(shouldBe);
  expect(is).toContain(toolTable());
});
