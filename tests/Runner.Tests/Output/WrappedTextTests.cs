using Makemore.Gpu.Runner.Output;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Output;

sealed class WrappedTextTests
{
    [Test]
    public void A_value_that_is_too_long_goes_on_below_itself() => Assert.That(
        WrappedText.Labeled("recipe", "batchnorm, 12,097 parameters, 200,000 steps", 40),
        Is.EqualTo(["recipe       batchnorm, 12,097", "             parameters, 200,000 steps"]));

    [TestCase(1000)]
    [TestCase(32)]
    public void A_value_that_fits_or_never_can_is_one_line(int width) => Assert.That(
        WrappedText.Labeled("recipe", "batchnorm, 12,097 parameters", width), Is.EqualTo(["recipe       batchnorm, 12,097 parameters"]));

    [Test]
    public void A_word_that_is_longer_than_a_line_stays_whole() => Assert.That(
        WrappedText.Lines("in runs/of-a-long-name/model.safetensors it is", 12), Is.EqualTo(["in", "runs/of-a-long-name/model.safetensors", "it is"]));

    [Test]
    public void Wide_letters_count_as_two() => Assert.That(WrappedText.Lines("名前 名前", 8), Is.EqualTo(["名前", "名前"]));
}
