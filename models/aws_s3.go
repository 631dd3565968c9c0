package models

// Amazon S3, in both SDKs, with their upload and download managers.
//
// Facts that matter:
//   - PutObject, CopyObject and CompleteMultipartUpload replace an existing object, its
//     metadata and its tags. If-None-Match: * makes them create (412 where the object
//     exists, 409 under concurrency), If-Match with an ETag makes them conditional. The
//     first SDK knows neither.
//   - The managers upload what is large in parts and pass the conditions on.
//   - A delete of an object that is not there succeeds.
//   - In directory buckets WriteOffsetBytes appends at a position.
//   - The first SDK's session stands for the account; a manager made of a client or of a
//     session speaks for it. So both are one address here.
var s3Model = Model{
	Name:     "Amazon S3",
	Packages: []string{s3V2, s3V2Manager, s3V1, s3V1 + "/s3iface", s3V1Manager, s3V1Manager + "/s3manageriface"},
	Calls: said("Amazon S3", s3Source, concat(
		awsClient(s3V2),
		awsOperations(s3V2, s3Guarded(s3Operations)),
		s3V2Managers,
		s3V1Clients,
		awsOldOperations(s3V1, "S3", s3V1+"/s3iface.S3API", s3Operations),
		s3V1Managers(),
	)...),
}

const (
	s3V1        = awsV1 + "service/s3"
	s3V1Manager = s3V1 + "/s3manager"
	s3V2        = awsV2 + "service/s3"
	s3V2Manager = awsV2 + "feature/s3/manager"
	s3Source    = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html"
)

var (
	s3Object = paths("recv", "in.Bucket", "in.Key")
	s3Bucket = paths("recv", "in.Bucket")
)

// s3Operations are those of both SDKs, as the first one knows them.
var s3Operations = []Call{
	{Func: "GetObject", Role: Read, Key: s3Object, Content: paths("ret0.Body"), Version: paths("ret0.ETag")},
	{Func: "HeadObject", Role: Read, Key: s3Object, Content: paths("ret0.Metadata"), Version: paths("ret0.ETag"), Facet: FacetProperties},
	{Func: "PutObject", Role: Write, Key: s3Object, Value: paths("in.Body"), Version: paths("ret0.ETag")},
	{Func: "DeleteObject", Role: Remove, Key: s3Object},
	{Func: "DeleteObjects", Role: Remove, Key: paths("recv", "in.Bucket", "in.Delete.Objects[].Key")},
	{Func: "CopyObject", Role: Write, Key: s3Object, Value: paths("in.CopySource"), Version: paths("ret0.CopyObjectResult.ETag")},

	{Func: "UploadPart", Role: Stage, Staged: Write, Key: s3Object, Value: paths("in.Body")},
	{Func: "CompleteMultipartUpload", Role: Write, Key: s3Object, Value: paths("in.MultipartUpload"), Version: paths("ret0.ETag")},

	{Func: "GetObjectTagging", Role: Read, Key: s3Object, Content: paths("ret0.TagSet"), Facet: FacetTags},
	{Func: "PutObjectTagging", Role: Write, Key: s3Object, Value: paths("in.Tagging"), Facet: FacetTags},
	{Func: "DeleteObjectTagging", Role: Remove, Key: s3Object, Facet: FacetTags},

	{Func: "ListObjectsV2", Role: List, Key: s3Bucket, Content: paths("ret0.Contents")},
	{Func: "ListObjects", Role: List, Key: s3Bucket, Content: paths("ret0.Contents")},
	{Func: "ListObjectVersions", Role: List, Key: s3Bucket, Content: paths("ret0.Versions")},
}

// s3Guarded adds the conditions that the second SDK knows. Those on a copy's source guard
// the source, not what is replaced.
func s3Guarded(ops []Call) []Call {
	var calls []Call
	for _, c := range ops {
		switch c.Func {
		case "PutObject", "CopyObject", "CompleteMultipartUpload":
			c.IfMatch, c.IfNoneMatch = paths("in.IfMatch"), paths("in.IfNoneMatch")
		case "DeleteObject":
			c.IfMatch = paths("in.IfMatch")
			c.Conditions = paths("in.IfMatchLastModifiedTime", "in.IfMatchSize")
		}
		if c.Func == "PutObject" {
			c.Conditions = paths("in.WriteOffsetBytes")
		}
		calls = append(calls, c)
	}
	return calls
}

var s3V2Managers = []Call{
	{Func: fn(s3V2Manager, "NewUploader"), Role: Same, Value: paths("arg0")},
	{Func: fn(s3V2Manager, "NewDownloader"), Role: Same, Value: paths("arg0")},
	{
		Func: "(" + s3V2Manager + ".Uploader).Upload", Role: Write, Under: "arg0",
		Key: paths("recv", "arg1.Bucket", "arg1.Key"), Value: paths("arg1.Body"), Version: paths("ret0.ETag"),
		IfMatch: paths("arg1.IfMatch"), IfNoneMatch: paths("arg1.IfNoneMatch"),
	},
	{
		Func: "(" + s3V2Manager + ".Downloader).Download", Role: Read, Under: "arg0",
		Key: paths("recv", "arg2.Bucket", "arg2.Key"), Content: paths("arg1"),
	},
	{Func: fn(s3V2, "NewListObjectsV2Paginator"), Role: List, Key: paths("arg0", "arg1.Bucket"), Content: paths("ret0")},
}

var s3V1Clients = []Call{
	{Func: fn(s3V1, "New"), Role: Same, Value: paths("arg0")},
	{Func: fn(s3V1Manager, "NewUploader"), Role: Same, Value: paths("arg0")},
	{Func: fn(s3V1Manager, "NewUploaderWithClient"), Role: Same, Value: paths("arg0")},
	{Func: fn(s3V1Manager, "NewDownloader"), Role: Same, Value: paths("arg0")},
	{Func: fn(s3V1Manager, "NewDownloaderWithClient"), Role: Same, Value: paths("arg0")},
}

// s3V1Managers are the transfers of the first SDK; their methods have value receivers.
func s3V1Managers() []Call {
	upload := Call{Role: Write, Key: s3Object, Value: paths("in.Body"), Version: paths("ret0.ETag")}
	var calls []Call
	for _, typ := range []string{s3V1Manager + ".Uploader", s3V1Manager + "/s3manageriface.UploaderAPI"} {
		calls = append(calls, awsInput("arg0", "("+typ+").Upload", upload))
		calls = append(calls, remote(awsInput("arg1", "("+typ+").UploadWithContext", upload))...)
	}
	for _, typ := range []string{s3V1Manager + ".Downloader", s3V1Manager + "/s3manageriface.DownloaderAPI"} {
		download := Call{Role: Read, Key: s3Object, Content: paths("arg0")}
		calls = append(calls, awsInput("arg1", "("+typ+").Download", download))
		download.Content = paths("arg1")
		calls = append(calls, remote(awsInput("arg2", "("+typ+").DownloadWithContext", download))...)
	}
	return calls
}
