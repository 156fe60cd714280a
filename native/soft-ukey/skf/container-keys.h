/** The private keys of a container, for the calls that use them. */
#pragma once
#include "blobs.h"

namespace bidkey::skf {

/** @throws Sar(SAR_USER_NOT_LOGGED_IN | SAR_KEYNOTFOUNTERR) */
Object privateKeyOf(ContainerRef& handle, KeyRole role);
/** The key that opens what is sealed to this container: the encryption key, or the signing key while there is none. */
Object openingKeyOf(ContainerRef& handle);
Sm2KeyPair sm2KeyOf(ContainerRef& handle, KeyRole role);

}  // namespace bidkey::skf
