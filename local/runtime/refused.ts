/** Something in the templates, the data folder or the machine that the local stack will not go on with; the message is a whole sentence. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
