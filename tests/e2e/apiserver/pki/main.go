// Command pki makes what a kube-apiserver on 127.0.0.1 and its clients need, all of it elliptic curve P-256 and
// good for a day, in the folder that is its one argument:
//
//	ca.crt                          the authority that signs the rest
//	server.crt, server.key          the API server's
//	webhook.crt, webhook.key        a webhook's
//	admin.crt, admin.key            client of group system:masters
//	developer.crt, developer.key    client of group developers, who may do nothing
//	sa.pub, sa.key                  for service account tokens
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const validity = 24 * time.Hour

type authority struct {
	folder string
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
	serial int64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pki FOLDER")
		os.Exit(2)
	}
	if err := makeAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "pki:", err)
		os.Exit(1)
	}
}

func makeAll(folder string) error {
	ca, err := newAuthority(folder)
	if err != nil {
		return err
	}
	for _, name := range []string{"server", "webhook"} {
		if err := ca.issue(name, pkix.Name{CommonName: name}, x509.ExtKeyUsageServerAuth); err != nil {
			return err
		}
	}
	for name, group := range map[string]string{"admin": "system:masters", "developer": "developers"} {
		subject := pkix.Name{CommonName: name, Organization: []string{group}}
		if err := ca.issue(name, subject, x509.ExtKeyUsageClientAuth); err != nil {
			return err
		}
	}
	return accountKeys(folder)
}

func newAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &authority{folder: folder, key: key}
	a.cert = a.template(pkix.Name{CommonName: "casemate-e2e"})
	a.cert.IsCA, a.cert.BasicConstraintsValid = true, true
	a.cert.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return a, write(folder, "ca.crt", "CERTIFICATE", der)
}

func (a *authority) template(subject pkix.Name) *x509.Certificate {
	a.serial++
	return &x509.Certificate{
		SerialNumber: big.NewInt(a.serial),
		Subject:      subject,
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(validity),
	}
}

func (a *authority) issue(name string, subject pkix.Name, usage x509.ExtKeyUsage) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert := a.template(subject)
	cert.KeyUsage = x509.KeyUsageDigitalSignature
	cert.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	if usage == x509.ExtKeyUsageServerAuth {
		cert.DNSNames, cert.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	if err := write(a.folder, name+".crt", "CERTIFICATE", der); err != nil {
		return err
	}
	return writeKey(a.folder, name+".key", key)
}

func accountKeys(folder string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := write(folder, "sa.pub", "PUBLIC KEY", public); err != nil {
		return err
	}
	return writeKey(folder, "sa.key", key)
}

func writeKey(folder, name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return write(folder, name, "EC PRIVATE KEY", der)
}

func write(folder, name, kind string, der []byte) error {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(folder, name), text, 0o600)
}
