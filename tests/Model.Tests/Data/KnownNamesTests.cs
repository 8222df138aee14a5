using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class KnownNamesTests
{
    // Ten names: eight for training, one each for dev and test.
    static readonly Dataset Ten = Dataset.Create(
        TestData.Names("anna", "zoë", "アンナ", "ben", "carla", "dora", "emil", "fritz", "greta", "hanna"), context: 3);

    [Test]
    public void A_name_is_told_by_the_split_that_holds_it()
    {
        var known = KnownNames.Of(Ten);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(known.Count, Is.EqualTo(10));
            foreach ((string name, Split split) in Ten.Splits)
            {
                Assert.That(split.Names.Select(known.SplitOf), Is.All.EqualTo(name).And.Not.Empty);
            }
            Assert.That(new[] { "", "ann", "Anna", "anna ", "annaben" }.Select(known.SplitOf), Is.All.Null);
        }
    }

    // A list of one name, many times: all three splits hold it.
    [Test]
    public void A_name_of_several_splits_counts_for_the_first()
    {
        var known = KnownNames.Of(Dataset.Create(TestData.Names([.. Enumerable.Repeat("anna", 10)]), context: 3));
        Assert.That((known.SplitOf("anna"), known.Count), Is.EqualTo(("train", 1)));
    }

    [Test]
    public void A_list_is_split_as_its_data_set_is()
    {
        Assert.That(KnownNames.Of(TestData.Embedded.File).ToText(), Is.EqualTo(KnownNames.Of(TestData.Embedded).ToText()));
    }

    [Test]
    public void What_was_written_down_tells_the_same()
    {
        var read = KnownNames.Parse(KnownNames.Of(TestData.Embedded).ToText());
        var known = KnownNames.Of(TestData.Embedded);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Count, Is.EqualTo(known.Count));
            Assert.That(TestData.Embedded.File.Names.Select(read.SplitOf), Is.EqualTo(TestData.Embedded.File.Names.Select(known.SplitOf)));
            Assert.That(read.SplitOf("no such name"), Is.Null);
        }
    }

    [Test]
    public void A_hash_is_the_first_eight_bytes_of_the_texts_SHA_256()
    {
        string name = Ten.Dev.Names.Single();
        byte[] sum = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        Assert.That(KnownNames.Of(Ten).ToText()[1], Is.EqualTo(Base64Url.EncodeToString(sum.AsSpan(0, 8))));
    }

    [TestCase(new byte[] { 1, 2, 3 }, "3 bytes")]
    [TestCase(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, "ascend")]
    [TestCase(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0 }, "ascend")]
    public void Bytes_that_are_no_ascending_hashes_are_refused(byte[] bytes, string mention) =>
        Assert.That(
            () => KnownNames.Parse(["", "", Base64Url.EncodeToString(bytes)]),
            Throws.TypeOf<FormatException>().With.Message.Contains(mention));

    [TestCase("?")]
    [TestCase("A")]
    [TestCase("AAAAAAAAAA+")]
    public void A_text_that_is_not_Base64_is_refused(string text) =>
        Assert.That(() => KnownNames.Parse(["", text, ""]), Throws.TypeOf<FormatException>());
}
