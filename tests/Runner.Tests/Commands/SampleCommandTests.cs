using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class SampleCommandTests : CommandTests
{
    [Test]
    public void The_same_seed_gives_the_same_names_and_the_lectures_is_the_default()
    {
        string[] names = Sample();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Has.Length.EqualTo(20));
            Assert.That(Sample(), Is.EqualTo(names));
            Assert.That(Sample("--seed", "2147483657"), Is.EqualTo(names));
            Assert.That(Sample("--seed", "1"), Is.Not.EqualTo(names));
            Assert.That(Sample("--temperature", "1"), Is.EqualTo(names));
        }
    }

    [Test]
    public void Names_hold_characters_of_the_vocabulary_only() =>
        Assert.That(string.Concat(Sample()).Distinct(), Is.SubsetOf(SmallNames.Vocabulary[1..]).And.Not.Empty);

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(33)]
    public void Count_says_how_many(int count)
    {
        string[] names = Sample("--count", $"{count}");
        Assert.That(names, Has.Length.EqualTo(count));
        Assert.That(names.Take(20), Is.EqualTo(Sample().Take(count)));
    }

    [TestCase("an")]
    [TestCase("z")]
    [TestCase("annabella")]
    public void Every_name_begins_with_the_prompt(string prompt)
    {
        string[] names = Sample("--prompt", prompt);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Has.All.StartsWith(prompt));
            Assert.That(names.Distinct().Count(), Is.GreaterThan(1));
        }
    }

    [Test]
    public void A_low_temperature_takes_the_likeliest_name_and_a_high_one_is_stranger()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sample("--temperature", "1e-6", "--count", "5").Distinct().Count(), Is.EqualTo(1));
            Assert.That(Sample("--temperature", "100"), Is.Not.EqualTo(Sample()));
        }
    }

    [Test]
    public void Json_holds_the_names()
    {
        Outcome outcome = Succeed("sample", "--model", TrainedModel.Write(), "--accelerator", "cpu", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Json.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "names" }));
            Assert.That(Names(outcome), Is.EqualTo(Sample()));
        }
    }

    // Characters of one, two, three and four bytes in UTF-8; the last takes two UTF-16 units.
    [Test]
    public void Names_of_any_script_are_learned_and_sampled()
    {
        string data = Write("scripts.txt", string.Join('\n', "zoë", "アンナ", "анна", "😀a", "a😀b", "née", "ab", "ba"));
        Train("--data", data, "--run", "run");
        Outcome outcome = Succeed("sample", "--model", "run/model.safetensors", "--prompt", "😀", "--accelerator", "cpu", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(outcome), Has.All.StartsWith("😀"));
            Assert.That(string.Concat(Names(outcome)).EnumerateRunes(), Has.None.EqualTo(System.Text.Rune.ReplacementChar));
        }
    }

    [TestCase("--count", "0")]
    [TestCase("--count", "-1")]
    [TestCase("--count", "few")]
    [TestCase("--count", "2147483648")]
    [TestCase("--count", "")]
    [TestCase("--temperature", "0")]
    [TestCase("--temperature", "-1")]
    [TestCase("--temperature", "NaN")]
    [TestCase("--temperature", "Infinity")]
    [TestCase("--temperature", "1e-60")]
    [TestCase("--temperature", "warm")]
    [TestCase("--temperature", "0,5")]
    [TestCase("--seed", "-1")]
    [TestCase("--seed", "1.5")]
    [TestCase("--seed", "18446744073709551616")]
    public void A_setting_that_cannot_be_is_refused(string option, string value) =>
        Refuse(["sample", "--model", TrainedModel.Write(), option, value], option, value);

    [TestCase("q", "'q'")]
    [TestCase("Anna", "'A'")]
    [TestCase("an.na", "'.'")]
    [TestCase("an na", "' '")]
    [TestCase("an😀", "'😀'")]
    public void A_prompt_with_a_character_that_the_model_does_not_know_is_refused(string prompt, string character) =>
        Refuse(["sample", "--model", TrainedModel.Write(), "--prompt", prompt], character, SmallNames.Vocabulary[1..]);

    static string[] Sample(params string[] options) =>
        Succeed(["sample", "--model", TrainedModel.Write(), "--accelerator", "cpu", .. options]).OutputLines;

    static string[] Names(Outcome outcome) => outcome.Json.GetProperty("names").Deserialize<string[]>()!;
}
