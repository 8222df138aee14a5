using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

sealed class SafeTensorsTests
{
    static readonly SafeTensors Small = new(
        new Dictionary<string, StoredTensor>
        {
            ["w"] = StoredTensor.Of([2, 3], [1f, -0f, float.NaN, float.Epsilon, float.MaxValue, float.NegativeInfinity]),
            ["scalar"] = StoredTensor.Of([], [3.5f]),
            ["tokens"] = new StoredTensor("I64", [2], [.. BitConverter.GetBytes(-1L), .. BitConverter.GetBytes(long.MaxValue)]),
            ["none"] = StoredTensor.Of([0, 4], []),
        },
        new Dictionary<string, string> { ["format"] = "a test", ["größe"] = "ünïcode \"quoted\" \n 𐐀" });

    TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Remove() => folder.Dispose();

    [Test]
    public void What_was_written_is_read_bit_for_bit()
    {
        string path = Written();
        var read = SafeTensors.Read(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Metadata, Is.EqualTo(Small.Metadata));
            Assert.That(read.Tensors.Keys, Is.EqualTo(Small.Tensors.Keys));
            foreach ((string name, StoredTensor tensor) in Small.Tensors)
            {
                Assert.That(read.Tensors[name].Type, Is.EqualTo(tensor.Type), name);
                Assert.That(read.Tensors[name].Shape, Is.EqualTo(tensor.Shape), name);
                Assert.That(read.Tensors[name].Bytes, Is.EqualTo(tensor.Bytes), name);
            }
            Assert.That(read.Tensors["tokens"].ToLongs(), Is.EqualTo(new[] { -1L, long.MaxValue }));
            Assert.That(read.Tensors["scalar"].ToFloats(), Is.EqualTo(new[] { 3.5f }));
        }
    }

    // The format: the header's length, the header padded with blanks, and then the values without gaps.
    [Test]
    public void Values_begin_at_a_multiple_of_8_bytes_and_lie_side_by_side()
    {
        byte[] bytes = File.ReadAllBytes(Written());
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(header % 8, Is.Zero);
            Assert.That(bytes[8], Is.EqualTo((byte)'{'));
            Assert.That(bytes, Has.Length.EqualTo(8 + header + Small.Tensors.Values.Sum(tensor => tensor.Bytes.Length)));
        }
    }

    [Test]
    public void Writing_replaces_an_older_file_and_leaves_no_other()
    {
        string path = folder.With("model.safetensors", "older"u8);
        Small.Write(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SafeTensors.Read(path).Tensors, Has.Count.EqualTo(4));
            Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
        }
    }

    [Test]
    public void The_golden_dump_holds_every_tensor_with_its_gradient()
    {
        IEnumerable<string> values = TestData.GoldenBatch.Tensors.Where(pair => pair.Value.Type == "F32").Select(pair => pair.Key)
            .Where(name => !name.EndsWith(".grad", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TestData.GoldenBatch.Tensors, Has.Count.EqualTo(3 + (27 * 2)));
            Assert.That(values.Select(name => name + ".grad").Except(TestData.GoldenBatch.Tensors.Keys), Is.Empty);
            Assert.That(TestData.GoldenBatch.Tensors["W1"].Shape, Is.EqualTo(new[] { 30, 64 }));
            Assert.That(TestData.GoldenBatch.Tensors["loss"].ToFloats(), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(Written());
        using (Assert.EnterMultipleScope())
        {
            for (int length = 0; length < bytes.Length; length++)
            {
                string path = folder.With("cut", bytes.AsSpan(0, length));
                Assert.That(
                    Refusal.Of(() => SafeTensors.Read(path)),
                    Does.StartWith($"'{path}' is not a whole safetensors file"),
                    $"{length} bytes");
            }
        }
    }

    // 16 bytes of values follow each header; ' stands for a quotation mark.
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}", TestName = "The_header_that_the_others_are_made_from_is_read")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[8,16]},'y':{'dtype':'U8','shape':[8],'data_offsets':[0,8]}}",
        TestName = "Tensors_in_any_order_are_read")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16]},'__metadata__':{}}   ", TestName = "Metadata_in_any_position_is_read")]
    [TestCase("{'__metadata__':null,'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}", TestName = "Metadata_may_be_null")]
    public void A_good_file_is_read(string header) => Assert.That(SafeTensors.Read(WithHeader(header)).Tensors, Contains.Key("x"));

    [TestCase("", TestName = "No_header")]
    [TestCase("{", TestName = "Half_a_header")]
    [TestCase("[]", TestName = "A_list_for_a_header")]
    [TestCase("'x'", TestName = "A_string_for_a_header")]
    [TestCase("null", TestName = "Null_for_a_header")]
    [TestCase("{'x':[]}", TestName = "A_list_for_a_tensor")]
    [TestCase("{'x':'F32'}", TestName = "A_string_for_a_tensor")]
    [TestCase("{'x':{'shape':[4],'data_offsets':[0,16]}}", TestName = "No_type")]
    [TestCase("{'x':{'dtype':7,'shape':[4],'data_offsets':[0,16]}}", TestName = "A_number_for_a_type")]
    [TestCase("{'x':{'dtype':null,'shape':[4],'data_offsets':[0,16]}}", TestName = "Null_for_a_type")]
    [TestCase("{'x':{'dtype':'F33','shape':[4],'data_offsets':[0,16]}}", TestName = "An_unknown_type")]
    [TestCase("{'x':{'dtype':'F\\n33','shape':[4],'data_offsets':[0,16]}}", TestName = "An_unknown_type_of_two_lines")]
    [TestCase("{'x':{'dtype':'F32','data_offsets':[0,16]}}", TestName = "No_shape")]
    [TestCase("{'x':{'dtype':'F32','shape':4,'data_offsets':[0,16]}}", TestName = "A_number_for_a_shape")]
    [TestCase("{'x':{'dtype':'F32','shape':['4'],'data_offsets':[0,16]}}", TestName = "A_string_for_a_size")]
    [TestCase("{'x':{'dtype':'F32','shape':[4.5],'data_offsets':[0,16]}}", TestName = "A_fraction_for_a_size")]
    [TestCase("{'x':{'dtype':'F32','shape':[-2,-2],'data_offsets':[0,16]}}", TestName = "Negative_sizes_with_a_positive_product")]
    [TestCase("{'x':{'dtype':'F32','shape':[4294967300],'data_offsets':[0,16]}}", TestName = "A_size_beyond_32_bits")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[1073741824,1073741824,16],'data_offsets':[0,0]}}",
        TestName = "Sizes_whose_product_is_0_in_64_bits")]
    [TestCase("{'x':{'dtype':'F32','shape':[4]}}", TestName = "No_offsets")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':16}}", TestName = "A_number_for_the_offsets")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[16]}}", TestName = "Offsets_of_one_number")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16,16]}}", TestName = "Offsets_of_three_numbers")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[-8,8]}}", TestName = "Offsets_before_the_values")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[8,24]}}", TestName = "Offsets_beyond_the_values")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[16,0]}}", TestName = "Offsets_backwards")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,12]}}", TestName = "Offsets_shorter_than_the_shape")]
    [TestCase("{'x':{'dtype':'F32','shape':[3],'data_offsets':[0,16]}}", TestName = "Offsets_longer_than_the_shape")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,'16']}}", TestName = "A_string_for_an_offset")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[0],'data_offsets':[9223372036854775807,9223372036854775807]}}",
        TestName = "An_empty_tensor_far_away")]
    [TestCase("{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,99999999999999999999]}}", TestName = "An_offset_beyond_64_bits")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'x':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}}",
        TestName = "A_tensor_twice")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[3],'data_offsets':[0,12]},'y':{'dtype':'F32','shape':[3],'data_offsets':[4,16]}}",
        TestName = "Tensors_that_overlap")]
    [TestCase(
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'y':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}",
        TestName = "Tensors_at_the_same_offsets_and_as_many_bytes_that_belong_to_none")]
    [TestCase("{'x':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}", TestName = "Values_that_belong_to_no_tensor")]
    [TestCase("{'x\\ny':{'dtype':'F32','shape':[3],'data_offsets':[0,16]}}", TestName = "A_wrong_tensor_with_a_name_of_two_lines")]
    [TestCase("{'\\uD800':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}", TestName = "A_name_of_half_a_character")]
    [TestCase("{'__metadata__':[]}", TestName = "A_list_for_the_metadata")]
    [TestCase("{'__metadata__':{'step':3}}", TestName = "A_number_in_the_metadata")]
    [TestCase("{'__metadata__':{'step':null}}", TestName = "Null_in_the_metadata")]
    public void A_bad_file_is_refused(string header)
    {
        string path = WithHeader(header);
        Assert.That(Refusal.Of(() => SafeTensors.Read(path)), Does.StartWith($"'{path}' is not a whole safetensors file"));
    }

    [TestCase(ulong.MaxValue)]
    [TestCase((ulong)long.MaxValue)]
    [TestCase(1UL << 32)]
    [TestCase(0UL)]
    public void A_lie_about_the_headers_length_is_refused(ulong length)
    {
        byte[] bytes = File.ReadAllBytes(Written());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        string path = folder.With("lie", bytes);
        Assert.That(Refusal.Of(() => SafeTensors.Read(path)), Does.StartWith($"'{path}' is not a whole safetensors file"));
    }

    [Test]
    public void A_header_of_more_than_a_hundred_million_bytes_is_refused()
    {
        const int Length = 100_000_001;
        string path = folder.With("large", BitConverter.GetBytes((ulong)Length));
        Lengthen(path, 8 + Length);
        Assert.That(Refusal.Of(() => SafeTensors.Read(path)), Does.Contain("100000001").And.Contains("100000000"));
    }

    [Test]
    public void What_the_header_says_can_be_refused_before_the_values_are_read_of_which_there_may_be_any_number()
    {
        string path = WithHeader(
            "{'x':{'dtype':'F32','shape':[500000000],'data_offsets':[2000000000,4000000000]},"
            + "'y':{'dtype':'U8','shape':[2000000000],'data_offsets':[0,2000000000]}}");
        Lengthen(path, new FileInfo(path).Length - 16 + 4_000_000_000);
        long start = 0;
        string message = Refusal.Of(() => SafeTensors.Read(path, header =>
        {
            start = header.Tensors["x"].Start;
            throw new InvalidRequestException("seen");
        }));
        Assert.That((message, start), Is.EqualTo(("seen", 2_000_000_000L)));
    }

    [Test]
    public void A_tensor_that_no_array_holds_is_refused()
    {
        string path = WithHeader("{'x':{'dtype':'F32','shape':[600000000],'data_offsets':[0,2400000000]}}");
        Lengthen(path, new FileInfo(path).Length - 16 + 2_400_000_000);
        Assert.That(Refusal.Of(() => SafeTensors.Read(path)), Does.Contain("2400000000").And.Contains($"{Array.MaxLength}"));
    }

    [Test]
    public void A_file_that_is_not_there_is_refused() =>
        Assert.That(Refusal.Of(() => SafeTensors.Read(folder.File("x"))), Does.Contain("there is no such file"));

    [Test]
    public void A_folder_is_refused() =>
        Assert.That(Refusal.Of(() => SafeTensors.Read(folder.Path)), Does.StartWith($"'{folder.Path}' cannot be read"));

    // Whatever a broken disk or a curious user does to a file, it is read or refused, and nothing else happens.
    [Test]
    public void Any_changed_and_cut_file_is_read_or_refused()
    {
        byte[] good = File.ReadAllBytes(Written());
        // Header characters for header characters break the text; arbitrary bytes break everything else.
        Gen<byte> value = Gen.OneOf(Gen.Byte, Gen.OneOf("{}[]\",:0123456789-e.nF\\ "u8.ToArray()));
        Gen<(int, byte)[]> changes = Gen.Select(Gen.Int[0, good.Length - 1], value).Array[0, 6];
        Gen.Select(changes, Gen.Int[0, good.Length * 2]).Sample(
            (changed, length) =>
            {
                byte[] bytes = [.. good];
                foreach ((int offset, byte replacement) in changed)
                {
                    bytes[offset] = replacement;
                }
                string path = folder.With("changed", bytes.AsSpan(0, Math.Min(length, bytes.Length)));
                try
                {
                    SafeTensors.Read(path);
                    return true;
                }
                catch (InvalidRequestException fault)
                {
                    return Refusal.IsOneLine(fault);
                }
            },
            iter: 2000, threads: 1);
    }

    // Of zeros, which take no space on most disks.
    static void Lengthen(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }

    string Written()
    {
        string path = folder.File("small.safetensors");
        Small.Write(path);
        return path;
    }

    string WithHeader(string header)
    {
        byte[] json = Encoding.UTF8.GetBytes(header.Replace('\'', '"'));
        return folder.With("crafted", [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[16]]);
    }
}
