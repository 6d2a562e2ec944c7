#!/bin/sh
# Makes the vectors of this folder anew with OpenSSL 3: an implementation that is not ours signs, ours verifies.
# Usage: make.sh FOLDER. The keys are drawn afresh and thrown away.
set -eu
out=$(realpath "$1")
work=$(mktemp -d)
cd "$work"

# The data groups that the vectors sign, and LDSSecurityObject with their hashes.
third=13
printf '\141\001\001' > dg1.bin
printf '\165\001\002' > dg2.bin
printf '\155\001\003' > dg13.bin
object() {
    hex() { openssl dgst -"$1" -r "$2" | cut -d' ' -f1; }
    cat > object.conf <<EOF
asn1 = SEQUENCE:object
[object]
version = INTEGER:0
algorithm = SEQUENCE:algorithm
hashes = SEQUENCE:hashes
[algorithm]
oid = OID:$1
[hashes]
a = SEQUENCE:one
b = SEQUENCE:two
c = SEQUENCE:third
[one]
number = INTEGER:1
hash = FORMAT:HEX,OCTETSTRING:$(hex "$1" dg1.bin)
[two]
number = INTEGER:2
hash = FORMAT:HEX,OCTETSTRING:$(hex "$1" dg2.bin)
[third]
number = INTEGER:$third
hash = FORMAT:HEX,OCTETSTRING:$(hex "$1" dg$third.bin)
EOF
    openssl asn1parse -genconf object.conf -noout -out object.der
}

# authority NAME HASH KEY-OPTIONS...; PSS authorities sign with the longest salt.
authority() {
    name=$1 hash=$2
    shift 2
    openssl genpkey "$@" -out "$name.key"
    openssl req -x509 -new -key "$name.key" -"$hash" -days 7300 -subj "/C=VN/O=VNeID test vectors/CN=CSCA $name" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
        $SIGOPT -out "$name.pem"
    openssl x509 -in "$name.pem" -outform DER -out "$out/$name.csca.der"
}

# signer NAME AUTHORITY HASH KEY-OPTIONS...
signer() {
    name=$1 by=$2 hash=$3
    shift 3
    openssl genpkey "$@" -out "$name.ds.key"
    printf 'keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' > ext.conf
    openssl req -new -key "$name.ds.key" -"$hash" -subj "/C=VN/O=VNeID test vectors/CN=DS $name" -out ds.csr
    openssl x509 -req -in ds.csr -CA "$by.pem" -CAkey "$by.key" -"$hash" -days 5000 -extfile ext.conf $SIGOPT \
        -set_serial 0x"$(openssl rand -hex 8 | sed 's/^./4/')" -out "$name.ds.pem"
}

# sign NAME HASH OPTIONS...: EF.SOD, its tag and length around what CMS makes.
sign() {
    name=$1 hash=$2
    shift 2
    object "$hash"
    openssl cms -sign -binary -nodetach -nosmimecap -econtent_type 2.23.136.1.1.1 -in object.der -md "$hash" \
        -signer "$name.ds.pem" -inkey "$name.ds.key" -outform DER "$@" -out sod.cms
    size=$(wc -c < sod.cms)
    { printf '\167\202'; printf "\\$(printf %03o $((size / 256)))\\$(printf %03o $((size % 256)))"; cat sod.cms; } \
        > "$out/$name.sod.der"
}

named='-algorithm EC -pkeyopt ec_param_enc:named_curve -pkeyopt'
written='-algorithm EC -pkeyopt ec_param_enc:explicit -pkeyopt'
SIGOPT=
authority brainpool sha384 $written ec_paramgen_curve:brainpoolP384r1
signer brainpool brainpool sha256 $written ec_paramgen_curve:brainpoolP256r1
sign brainpool sha256
authority ordinary sha384 $named ec_paramgen_curve:P-384
signer ordinary ordinary sha384 $named ec_paramgen_curve:P-256
sign ordinary sha256
authority nist sha512 $named ec_paramgen_curve:P-521
signer nist nist sha384 $written ec_paramgen_curve:P-384
sign nist sha384 -keyid
cp nist.ds.key streamed.ds.key && cp nist.ds.pem streamed.ds.pem
sign streamed sha512 -stream

# A chip with an RSA key and its answers (ISO/IEC 9796-2) to the challenge 0102030405060708, by hash and trailer.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out chip.key
openssl pkey -in chip.key -pubout -outform DER -out chip.spki
{ printf '\157\202\001\046'; cat chip.spki; } > dg15.bin
cp dg15.bin "$out/active.dg15.der"
third=15
cp nist.ds.key active.ds.key && cp nist.ds.pem active.ds.pem
sign active sha256
third=13
answer() {
    openssl rand $((256 - 1 - $2 - ${#3} / 4)) > m1
    printf '\001\002\003\004\005\006\007\010' | cat m1 - | openssl dgst -"$1" -binary > hash
    { printf '\152'; cat m1 hash; printf "$3"; } > representative
    openssl pkeyutl -decrypt -inkey chip.key -pkeyopt rsa_padding_mode:none -in representative -out "$out/active.$1.bin"
}
answer sha1 20 '\063\314'
answer sha256 32 '\064\314'
answer sha512 64 '\065\314'

SIGOPT='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max'
authority pss sha256 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
signer pss pss sha256 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
sign pss sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20
rm -r "$work"
