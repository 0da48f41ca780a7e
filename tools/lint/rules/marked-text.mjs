const structures = new Set(
  (
    'array boolean date discriminatedUnion enum int int32 intersection iso lazy literal looseObject never null nullable number object ' +
    'optional partialRecord record registry strictObject toJSONSchema tuple undefined union'
  ).split(' '),
);

const refusal = (what) => `${what} is a text that is neither personal nor public: use a maker of text.ts.`;
const unseen = 'Import z from zod and name it z: what makes a text would go unseen.';

/**
 * In the contracts zod is reached as `z`, and only for what holds other schemas, numbers and closed lists. Whatever
 * could let a text through comes from text.ts, where it gets its mark and its bound. Classes (`z.ZodType`) are free.
 */
export const rule = {
  meta: { type: 'problem', docs: { description: 'every text of a contract is marked personal or public' }, schema: [] },
  create(context) {
    return {
      'MemberExpression[object.name="z"]'(node) {
        const name = node.property.name ?? node.property.value;
        if (name === 'core' || structures.has(name) || /^Zod/.test(name)) return;
        context.report({ node, message: refusal(`z.${name}()`) });
      },
      'MemberExpression[object.object.name="z"][object.property.name="iso"]'(node) {
        context.report({ node, message: refusal('z.iso') });
      },
      'ImportDeclaration[source.value=/^zod/][importKind!="type"] > :matches(ImportSpecifier[importKind!="type"], ImportDefaultSpecifier, ImportNamespaceSpecifier)'(
        node,
      ) {
        if (node.imported?.name !== 'z' || node.local.name !== 'z') context.report({ node, message: unseen });
      },
      'VariableDeclarator[init.name="z"]'(node) {
        context.report({ node, message: unseen });
      },
    };
  },
};
