/** A line of dashes says that a file holds two things. */
export const rule = {
  meta: { type: 'problem', docs: { description: 'comments are sentences, not banners' }, schema: [] },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        if (!/[-=#*_~─═]{4,}/.test(comment.value)) continue;
        context.report({ loc: comment.loc, message: 'A banner: write a sentence, or split the file.' });
      }
    },
  }),
};
