// The SARIF 2.1.0 schema, as this module ships it: tests/report/sarif.py reads it from the module cache.
module casemate.dev/tests/oracle/sarif

go 1.24

require github.com/owenrumney/go-sarif/v3 v3.3.1
