/**
 * Calls `visit(specifier, node)` for everything by which a file names another module: import, re-export,
 * dynamic import, `import('x')` as a type, and jest's module mocks.
 */
export function eachImport(visit) {
  const literal = (source, node) => {
    if (typeof source?.value === 'string') visit(source.value, node);
  };
  return {
    ImportDeclaration: (node) => literal(node.source, node),
    ExportNamedDeclaration: (node) => literal(node.source, node),
    ExportAllDeclaration: (node) => literal(node.source, node),
    ImportExpression: (node) => literal(node.source, node),
    TSImportType: (node) => literal(node.source ?? node.argument?.literal, node),
    'CallExpression[callee.name="require"], CallExpression[callee.object.name="jest"][callee.property.name=/[mM]ock|requireActual/]':
      (node) => literal(node.arguments[0], node),
  };
}

/** A rule about imports: `check({specifier, filename, options})` returns the sentence to report, or undefined. */
export function importRule(description, schema, check) {
  return {
    meta: { type: 'problem', docs: { description }, schema },
    create: (context) =>
      eachImport((specifier, node) => {
        const message = check({ specifier, filename: context.filename, options: context.options[0] });
        if (message) context.report({ node, message });
      }),
  };
}
