// Verifies a log with the Go project's own packages (sumdb/note and sumdb/tlog), independently of both our writer and
// our verifier: signature, cosignature, every entry, the root, consistency with a head and inclusion of one entry.
// usage: check DIR VKEY HEAD INDEX [WITNESS_VKEY]
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(text), sig[8:])
}

// reader reads hash tiles as they lie in the folder; x/mod names them with a leading height, C2SP does not.
type reader struct{ dir string }

func (r reader) Height() int { return 8 }
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(r.dir, "tile", strings.TrimPrefix(tile.Path(), "tile/8/")))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}
func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Println("BAD", err)
		os.Exit(1)
	}
}

func open(file string, verifiers ...note.Verifier) (string, tlog.Tree) {
	data, err := os.ReadFile(file)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	must(err)
	if len(opened.Sigs) != len(verifiers) {
		must(fmt.Errorf("%d of %d signatures", len(opened.Sigs), len(verifiers)))
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return lines[0], tlog.Tree{N: size, Hash: hash}
}

func entries(dir string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if rest := size - n*256; rest < 256 {
			tile.W = int(rest)
		}
		data, err := os.ReadFile(filepath.Join(dir, "tile/entries", strings.TrimPrefix(tile.Path(), "tile/8/0/")))
		must(err)
		for len(data) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:end])
			data = data[end:]
		}
	}
	return all
}

func main() {
	dir, key := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(key)
	must(err)
	verifiers := []note.Verifier{verifier}
	if len(os.Args) > 5 {
		parts := strings.SplitN(os.Args[5], "+", 3)
		hash, err := strconv.ParseUint(parts[1], 16, 32)
		must(err)
		public, err := base64.StdEncoding.DecodeString(parts[2])
		must(err)
		verifiers = append(verifiers, witness{parts[0], uint32(hash), public[1:]})
	}
	origin, tree := open(filepath.Join(dir, "checkpoint"), verifiers...)
	_, head := open(os.Args[3], verifier)
	index, err := strconv.ParseInt(os.Args[4], 10, 64)
	must(err)
	hashes := tlog.TileHashReader(tree, reader{dir})
	all := entries(dir, tree.N)
	if int64(len(all)) != tree.N {
		must(fmt.Errorf("%d entries instead of %d", len(all), tree.N))
	}
	indexes := make([]int64, len(all))
	for at := range all {
		indexes[at] = tlog.StoredHashIndex(0, int64(at))
	}
	leaves, err := hashes.ReadHashes(indexes)
	must(err)
	for at, entry := range all {
		if tlog.RecordHash(entry) != leaves[at] {
			must(fmt.Errorf("entry %d", at))
		}
	}
	consistency, err := tlog.ProveTree(tree.N, head.N, hashes)
	must(err)
	must(tlog.CheckTree(consistency, tree.N, tree.Hash, head.N, head.Hash))
	inclusion, err := tlog.ProveRecord(tree.N, index, hashes)
	must(err)
	must(tlog.CheckRecord(inclusion, tree.N, tree.Hash, index, tlog.RecordHash(all[index])))
	fmt.Println("OK", origin, tree.N)
	for _, hash := range inclusion {
		fmt.Println(base64.StdEncoding.EncodeToString(hash[:]))
	}
}
