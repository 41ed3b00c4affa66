/** Catalogue entries: extension packages. Merged into the catalogue by ../errors.ts. */
export const packageErrors = {
  HKT_PACKAGE_MANIFEST: {
    template: 'package %s: %s',
    retryable: false,
    advice: 'Mend the hekate section of its package.json; docs/packages.md has its keys.',
  },
  HKT_PACKAGE_FOLDER: {
    template: 'the packages in %s cannot be read: %s',
    retryable: true,
    advice: 'Check that the folder can be read by the user that runs Hekate.',
  },
  HKT_PACKAGE_UNKNOWN: {
    template: 'there is no package %s; there are: %s',
    retryable: false,
    advice:
      'Check the spelling in `extensions` of [hekad], or add the package with hekate ext add.',
  },
  HKT_PACKAGE_NEEDS: {
    template: 'package %s needs %s %s, which %s',
    retryable: false,
    advice: 'Enable or add the package that is needed, or leave out the one that needs it.',
  },
  HKT_PACKAGE_ADD: {
    template: 'cannot add %s: %s',
    retryable: false,
    advice:
      'Give a folder or a .tgz file that holds one package; docs/packages.md says what is in it.',
  },
  HKT_PACKAGE_REMOVE: {
    template: 'cannot remove %s: %s',
    retryable: false,
    advice: 'Only packages that were added can be removed; those that ship can be switched off.',
  },
} as const;
