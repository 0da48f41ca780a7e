import { ESLint } from 'eslint';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../../..');

/** A program that holds these texts as if they were files, so that the rules that ask for types get them. */
function programOf(texts) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) =>
    texts.has(path) ? ts.createSourceFile(path, texts.get(path), version, true) : getSourceFile(path, version, ...rest);
  return ts.createProgram([...texts.keys()], options, host);
}

/** Lints texts as if they lay at these places of the workspace; no two at one place. */
async function lint(files) {
  const program = programOf(new Map(files.map((file) => [join(root, file.place), file.text])));
  const parserOptions = { projectService: false, programs: [program] };
  const eslint = new ESLint({ cwd: root, overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } } });
  const reports = [];
  for (const { place, text } of files) {
    const [result] = await eslint.lintText(text, { filePath: join(root, place) });
    reports.push(result.messages.map(({ ruleId, line, message }) => ({ rule: ruleId ?? /noInlineConfig/.exec(message)?.[0], line, message })));
  }
  return reports;
}

/** Every rule that the configuration turns on for some file. */
async function rulesInForce() {
  const { default: configuration } = await import(join(root, 'eslint.config.mjs'));
  const on = configuration.flatMap(({ rules = {} }) => Object.entries(rules).filter(([, value]) => [value].flat()[0] !== 'off'));
  return [...new Set(on.map(([name]) => name))].sort();
}

const batches = JSON.parse(await text(process.stdin));
const reports = [];
for (const batch of batches) reports.push(await lint(batch));
process.stdout.write(JSON.stringify({ rules: [...(await rulesInForce()), 'noInlineConfig'], reports }));
