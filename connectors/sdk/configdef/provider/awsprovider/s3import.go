package awsprovider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// maxObject bounds an object, in bytes: a store of certificates, not a data set.
const maxObject = 16 << 20

// S3Import copies objects of S3 to files, and gives the paths of these: for trust stores and the like. It may be used concurrently.
type S3Import struct {
	service
	files *cache[string]
}

func newS3Import(s settings) *S3Import {
	if s.localDir == "" {
		s.localDir = os.TempDir()
	}
	return &S3Import{newService(s, "S3", "s3", "S3", "s3:GetObject"), newCache[string]()}
}

// Forget drops what was asked for before a time, and reports whether there was anything.
func (p *S3Import) Forget(before time.Time) bool { return p.files.forget(before) }

// Get returns the path of a file for each key, which is bucket/key of an object. The path is its region, or empty.
//
// The file has the object's own name, in a folder named for what is in it: objects of one name do not meet, an object that
// changes gets another path, so that whoever holds the old one can be told, and a file that is there is whole. It fails if an object
// cannot be read, is not there, is larger than 16 MiB, or cannot be written.
func (p *S3Import) Get(ctx context.Context, region string, keys []string) (configdef.ConfigData, error) {
	data := configdef.ConfigData{Data: make(map[string]string)}
	if err := p.enter(ctx); err != nil {
		return configdef.ConfigData{}, err
	}
	defer p.leave()
	for _, placeholder := range keys {
		object, ttl, err := cutOptions(placeholder)
		if err != nil {
			return configdef.ConfigData{}, err
		}
		data.TTL = shorter(data.TTL, ttl)
		id := p.regionOf(region) + ":" + object
		file, ok := p.files.get(id, orLifetime(ttl))
		if _, gone := os.Stat(file); !ok || gone != nil {
			asked := time.Now()
			if file, err = p.copy(ctx, region, object); err != nil {
				return configdef.ConfigData{}, err
			}
			p.files.put(id, file, asked)
		}
		data.Data[placeholder] = file
	}
	return data, nil
}

// copy makes a file of an object.
func (p *S3Import) copy(ctx context.Context, region, object string) (string, error) {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(object, "/"), "/")
	name := path.Base(key)
	if !ok || name == "." || name == ".." || name == "/" || strings.ContainsAny(name, "\\\x00") {
		return "", connect.ConfigError(fmt.Sprintf("%s names no object of S3: write bucket/path/file", object))
	}
	content, err := p.ask(ctx, region, bucket, key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	file := filepath.Join(p.localDir, "s3import-"+hex.EncodeToString(sum[:12]), name)
	if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, content) {
		return file, nil
	}
	if err := write(file, content); err != nil {
		return "", &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: fmt.Sprintf("could not make a file of s3://%s/%s", bucket, key), Cause: err,
			Hint: "the param " + LocalDirConfig + " says where; a Lambda function can write to /tmp only"}
	}
	return file, nil
}

// write makes a file in one step, which only its owner may read.
func write(file string, content []byte) error {
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(folder, ".part-*")
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	if err := errors.Join(err, part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), file)
}

// ask reads an object, under a path of its bucket, which serves every name a bucket can have.
func (p *S3Import) ask(ctx context.Context, region, bucket, key string) ([]byte, error) {
	name := fmt.Sprintf("s3://%s/%s", bucket, key)
	object := "/" + bucket + "/" + key
	content, err := p.call(ctx, region, name, request{method: http.MethodGet, url: &url.URL{Path: object, RawPath: httpbinding.EscapePath(object, false)}})
	if isCode(err, "NoSuchKey") {
		return nil, connect.ConfigError("No object found at " + name)
	}
	if err != nil {
		return nil, err
	}
	if len(content) > maxObject {
		return nil, connect.ConfigError(fmt.Sprintf("%s has more than %d bytes, which no store of certificates has", name, maxObject))
	}
	return content, nil
}
