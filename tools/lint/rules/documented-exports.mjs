/** The names that a statement of a module declares. */
function declaredBy(declaration) {
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.map(({ id }) => id.name);
  return declaration.id ? [declaration.id.name] : [];
}

/** The names that a statement exports, of this module's own. */
function exportedBy(node) {
  if (node.type !== 'ExportNamedDeclaration' || node.source) return [];
  return node.declaration ? declaredBy(node.declaration) : node.specifiers.map(({ local }) => local.name);
}

/** A name that is declared twice (overloads, a schema and its type) is documented once. */
export const rule = {
  meta: { type: 'problem', docs: { description: 'every export of a lib says what it is' }, schema: [] },
  create(context) {
    const { sourceCode } = context;
    const isDocComment = ({ type, value }) => type === 'Block' && value.startsWith('*');
    const startOf = (node) => node.declaration?.decorators?.[0] ?? node;
    const isDocumented = (node) => [node, startOf(node)].some((each) => sourceCode.getCommentsBefore(each).some(isDocComment));
    return {
      Program({ body }) {
        const documented = new Set(body.filter(isDocumented).flatMap((node) => declaredBy(node.declaration ?? node)));
        for (const node of body) {
          const name = exportedBy(node).find((each) => !documented.has(each));
          if (name !== undefined) context.report({ node, message: `${name} is exported without a doc comment.` });
        }
      },
    };
  },
};
