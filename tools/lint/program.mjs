import { join } from 'node:path';
import ts from 'typescript';

/**
 * The sources of one project as TypeScript sees them, specs included: its tsconfig.json, which is for building,
 * leaves those out. A project service would make a second program for them, of the specs of all projects.
 *
 * @param {string} folder the project's
 */
export function programOf(folder) {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent({ ...config, exclude: [] }, ts.sys, folder);
  return ts.createProgram(fileNames, { ...options, noEmit: true });
}
