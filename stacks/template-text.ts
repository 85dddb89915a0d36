/** Text that Terraform takes as it is: `${` and `%{` would begin an expression. */
export const toTemplateText = (text: string): string =>
  text.replaceAll('${', () => '$${').replaceAll('%{', () => '%%{');
