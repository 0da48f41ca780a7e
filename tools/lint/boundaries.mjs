/** Which projects a project may import, by tag; a project whose tags are not here may import none. */
const mayImport = {
  'type:kernel': [],
  'type:contracts': ['type:kernel'],

  'lib:event-store': ['type:kernel'],
  'lib:messaging': ['type:contracts', 'lib:event-store'],
  'lib:proofs': ['type:kernel', 'type:contracts'],
  'lib:provisioning': ['lib:event-store', 'lib:sealing'],
  'lib:read-models': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:messaging', 'lib:sealing', 'lib:service'],
  'lib:sealing': ['type:kernel', 'type:contracts', 'lib:event-store'],
  'lib:segmentation': [],
  'lib:service': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:messaging', 'lib:sealing', 'lib:tokens'],
  'lib:tokens': ['type:contracts'],

  'app:analytics': ['type:kernel', 'type:contracts', 'lib:*'],
  // A backup of a stopped data directory, and a restore into a new one, need the PostgreSQL that npm start brings up.
  'app:cli': ['type:contracts', 'lib:event-store', 'lib:sealing', 'lib:segmentation', 'lib:tokens', 'tool:local'],
  'app:communications': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:read-models', 'lib:sealing', 'lib:service'],
  'app:customers': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:sealing', 'lib:service'],
  'app:gateway': ['type:contracts', 'lib:service'],
  'app:prepare': ['lib:event-store', 'lib:provisioning', 'lib:service'],
  'app:projections': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:read-models', 'lib:sealing', 'lib:service'],
  'app:transactions': ['type:kernel', 'type:contracts', 'lib:event-store', 'lib:sealing', 'lib:service'],

  'type:testing': ['type:kernel', 'type:contracts', 'lib:*', 'type:tool'],
  'type:tool': ['type:kernel', 'type:contracts', 'lib:*', 'type:tool'],
  'type:e2e': ['type:kernel', 'type:contracts', 'lib:*', 'type:tool', 'type:testing'],
};

const constraints = (more) =>
  Object.entries(mayImport).map(([sourceTag, tags]) => ({ sourceTag, onlyDependOnLibsWithTags: [...tags, ...more] }));

/** Options of `@nx/enforce-module-boundaries` for what is shipped. */
export const boundaries = { depConstraints: constraints([]) };

/** The same for specs: they may use libs/testing too, which itself stands on some of the libs that it tests. */
export const specBoundaries = {
  depConstraints: constraints(['type:testing']),
  ignoredCircularDependencies: [['@annals/testing', '*']],
};
