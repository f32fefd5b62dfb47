import { physicalId, physicalName } from './physical-name.ts'
import { arn, type Names, type Place } from './resource-type.ts'

/** Names of the resources that are left out but that others point to. */
const named: Readonly<Record<string, (place: Place) => Names>> = {
  'AWS::KMS::Key': (place) => {
    const keyId = physicalId(place, 32)
    return { ref: keyId, attributes: { Arn: arn(place, 'kms', `key/${keyId}`), KeyId: keyId } }
  },
  'AWS::Logs::LogGroup': (place) => {
    const name = physicalName(place, 512)
    return { ref: name, attributes: { Arn: arn(place, 'logs', `log-group:${name}:*`) } }
  },
  'AWS::IAM::Role': (place) => {
    const name = physicalName(place, 64)
    return { ref: name, attributes: { Arn: `arn:aws:iam::${place.machine.account}:role/${name}` } }
  },
}

/** A resource left out has a name, since programs are told names, and only the attributes of its type above. */
export function ignoredNames(type: string, place: Place): Names {
  return named[type]?.(place) ?? { ref: physicalName(place, 64), attributes: {} }
}
