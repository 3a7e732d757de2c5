/**
 * Certificate and key of the push service in tests, which signs itself: no other machine trusts it, and
 * nothing is protected by it. Made with `openssl req -x509 -newkey ec -days 36500`.
 */
export const PUSH_CERTIFICATE: string = `
-----BEGIN CERTIFICATE-----
MIIBujCCAWGgAwIBAgIUAyTEmPt/HcwlPtUT7h5XQgH13AAwCgYIKoZIzj0EAwIw
JDEiMCAGA1UEAwwZcHVzaCBzZXJ2aWNlIG9mIHRoZSB0ZXN0czAgFw0yNjExMjEx
NjE3MDZaGA8yMTI2MTAyODE2MTcwNlowJDEiMCAGA1UEAwwZcHVzaCBzZXJ2aWNl
IG9mIHRoZSB0ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPxqHfKfoEyA
GhGY6egBIP8eybJUKE4X+lefYlqJK333yBvlunuJiE1zAQwJWbCkzJ03LfR+pOk1
yK6/jBDqbomjbzBtMB0GA1UdDgQWBBQKFMhXodzvmiNIqVvqgiOfvLxqdTAfBgNV
HSMEGDAWgBQKFMhXodzvmiNIqVvqgiOfvLxqdTAaBgNVHREEEzARgglsb2NhbGhv
c3SHBH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAvBYTu
bPGanc4CcusQt79+YGR2sPuhZzY4RKXblNVSMwIgIfMj7O+v3XSkva2TaVNgeJeH
exiHjRPJWjLMQ40rT/E=
-----END CERTIFICATE-----
`

export const PUSH_KEY: string = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt4FncbqWbHyd9aBu
pKiqjIAKZF6bHV9ceZyc3UtMz2OhRANCAAT8ah3yn6BMgBoRmOnoASD/HsmyVChO
F/pXn2JaiSt998gb5bp7iYhNcwEMCVmwpMydNy30fqTpNciuv4wQ6m6J
-----END PRIVATE KEY-----
`
