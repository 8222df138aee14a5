using Makemore.Gpu.Model.Export;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Export;

sealed class ProtobufMessageTests
{
    // The first four are the examples of https://protobuf.dev/programming-guides/encoding.
    [TestCaseSource(nameof(Messages))]
    public void A_message_has_the_bytes_of_the_encoding(object message, string hex) =>
        Assert.That(Convert.ToHexStringLower(((ProtobufMessage)message).Bytes), Is.EqualTo(hex));

    static IEnumerable<TestCaseData> Messages =>
    [
        new TestCaseData(new ProtobufMessage().Add(1, 150), "089601").SetArgDisplayNames("an integer of two bytes"),
        new TestCaseData(new ProtobufMessage().Add(1, -2), "08feffffffffffffffff01").SetArgDisplayNames("an integer below 0"),
        new TestCaseData(new ProtobufMessage().Add(1, 1.0), "09000000000000f03f").SetArgDisplayNames("a number of 64 bits"),
        new TestCaseData(new ProtobufMessage().Add(2, "testing"), "120774657374696e67").SetArgDisplayNames("a text"),
        new TestCaseData(new ProtobufMessage().Add(3, new ProtobufMessage().Add(1, 150)), "1a03089601").SetArgDisplayNames("a message"),
        new TestCaseData(new ProtobufMessage().Add(20, 2), "a00102").SetArgDisplayNames("a field number above 15"),
        new TestCaseData(new ProtobufMessage().Add(2, new byte[200]), "12c801" + new string('0', 400)).SetArgDisplayNames("200 bytes"),
    ];
}
