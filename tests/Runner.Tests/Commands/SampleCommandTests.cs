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
    public void Names_come_in_the_order_of_the_draws_each_with_its_mark()
    {
        string[] lines = Succeed("sample", "--model", TrainedModel.Write(), "--accelerator", "cpu").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[..20].Select(line => line.Split(' ')[0]), Is.EqualTo(Sample()));
            Assert.That(lines[..20], Has.All.Match(@"^\S* +(new|train|dev|test|empty)(, repeat)?$"));
            Assert.That(lines[20], Is.Empty);
            Assert.That(lines[21], Does.StartWith("20 names: "));
        }
    }

    [Test]
    public void Json_holds_the_names_and_which_are_known_repeated_and_hidden()
    {
        JsonElement json = Succeed(
            "sample", "--model", TrainedModel.Write(), "--accelerator", "cpu", "--json", "--count", "300", "--prompt", "anna").Json;
        string[] names = json.GetProperty("names").Deserialize<string[]>()!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                json.EnumerateObject().Select(property => property.Name),
                Is.EqualTo(new[] { "names", "known", "is_repeat", "is_hidden", "is_known_told", "drawn", "unended" }));
            Assert.That(names, Is.EqualTo(Sample("--count", "300", "--prompt", "anna")));
            Assert.That(
                json.GetProperty("known").Deserialize<string?[]>()!.Select(split => split is not null),
                Is.EqualTo(names.Select(SmallNames.All.Contains)).And.Some.True);
            Assert.That(
                json.GetProperty("is_repeat").Deserialize<bool[]>(),
                Is.EqualTo(names.Select((name, i) => Array.IndexOf(names, name) < i)).And.Some.True);
            Assert.That(json.GetProperty("is_hidden").Deserialize<bool[]>(), Has.Length.EqualTo(300));
            Assert.That(json.GetProperty("drawn").GetInt32(), Is.EqualTo(300));
        }
    }

    [Test]
    public void Names_that_are_left_out_are_drawn_all_the_same()
    {
        string[] all = Sample("--count", "2000");
        using (Assert.EnterMultipleScope())
        {
            AssertChosen(["--new-only"], (name, _) => !SmallNames.All.Contains(name));
            AssertChosen(["--unique"], (name, i) => Array.IndexOf(all, name) == i);
            AssertChosen(["--min-length", "4", "--max-length", "5"], (name, _) => name.Length is 4 or 5);
            AssertChosen(["--contains", "ar"], (name, _) => name.Contains("ar", StringComparison.Ordinal));
            AssertChosen(["--contains", "a", "--unique"], (name, i) => name.Contains('a') && Array.IndexOf(all, name) == i);
        }

        void AssertChosen(string[] options, Func<string, int, bool> isWanted) =>
            Assert.That(Sample(options), Is.EqualTo(all.Where(isWanted).Take(20)).And.Length.EqualTo(20), options[0]);
    }

    [Test]
    public void Top_k_and_top_p_leave_the_likeliest()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sample("--top-k", "1").Distinct().ToArray(), Has.Length.EqualTo(1));
            Assert.That(Sample("--top-p", "1e-9"), Is.EqualTo(Sample("--top-k", "1")));
            Assert.That(Sample("--top-k", "1000", "--top-p", "1"), Is.EqualTo(Sample()));
            Assert.That(Sample("--top-k", "3"), Is.Not.EqualTo(Sample()));
            Assert.That(Sample("--top-p", "0.5"), Is.Not.EqualTo(Sample()));
        }
    }

    [Test]
    public void A_search_in_vain_ends_and_tells_how_many_were_found()
    {
        Outcome outcome = Run("sample", "--model", TrainedModel.Write(), "--accelerator", "cpu", "--contains", "xxxxxxxxxx", "--unique");
        outcome.AssertFailed(FailedAtWork, "0 of 20", "10,000 draws", "--unique, --contains");
    }

    [Test]
    public void What_was_found_before_a_search_ended_is_shown()
    {
        string[] options = ["--prompt", "anna", "--max-length", "4", "--unique", "--count", "3", "--json"];
        Outcome outcome = Run(["sample", "--model", TrainedModel.Write(), "--accelerator", "cpu", .. options]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork));
            Assert.That(outcome.Error, Does.Contain("makemore: 1 of 3 names"));
            Assert.That(Names(outcome), Is.EqualTo(new[] { "anna" }));
        }
    }

    [Test]
    public void A_model_without_its_names_is_marked_by_its_data_or_not_at_all()
    {
        string model = TensorFile.WithoutNames("old.safetensors", TrainedModel.Write());
        string[] call = ["sample", "--model", model, "--accelerator", "cpu"];
        Outcome unknown = Succeed(call);
        Outcome inJson = Succeed([.. call, "--json"]);
        SmallNames.Write();
        Outcome found = Succeed(call);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(unknown.ErrorLines, Has.Length.EqualTo(1).And.All.Contains(SmallNames.FileName));
            Assert.That(unknown.OutputLines[..20], Has.None.Match("new|train|dev|test"));
            Assert.That(inJson.Json.GetProperty("is_known_told").GetBoolean(), Is.False);
            Assert.That(Names(inJson), Is.EqualTo(Sample()));
            Assert.That(found.Error, Is.Empty);
            Assert.That(found.Output, Is.EqualTo(Succeed("sample", "--model", TrainedModel.FileName, "--accelerator", "cpu").Output));
        }
    }

    [Test]
    public void New_names_alone_are_refused_where_it_is_unknown_which_are_new()
    {
        string model = TensorFile.WithoutNames("old.safetensors", TrainedModel.Write());
        Refuse(["sample", "--model", model, "--new-only"], "--new-only", SmallNames.FileName);
    }

    [Test]
    public void A_word_that_not_every_reader_wants_to_see_is_shown_to_those_who_ask()
    {
        string data = Write("letters.txt", string.Join('\n', "se", "ex", "xs", "sex", "ses", "xes", "exes", "see"));
        Train("--data", data, "--run", "run");
        string model = TensorFile.WithoutNames("old.safetensors", Path.Combine("run", "model.safetensors"));
        File.Delete(data);
        string[] call = ["sample", "--model", model, "--accelerator", "cpu", "--count", "3", "--prompt", "sex", "--max-length", "3"];
        Outcome json = Succeed([.. call, "--json"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Succeed(call).OutputLines,
                Is.EqualTo(new[] { "", "3 names: 2 repeats", "3 names are not shown: sample --unfiltered shows all" }));
            Assert.That(Succeed([.. call, "--unfiltered"]).OutputLines[..3], Has.All.StartsWith("sex"));
            Assert.That(Names(json), Is.EqualTo(new[] { "sex", "sex", "sex" }));
            Assert.That(json.Json.GetProperty("is_hidden").Deserialize<bool[]>(), Has.All.True);
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
    [TestCase("--top-k", "0")]
    [TestCase("--top-k", "few")]
    [TestCase("--top-p", "0")]
    [TestCase("--top-p", "-0.1")]
    [TestCase("--top-p", "1.5")]
    [TestCase("--top-p", "NaN")]
    [TestCase("--top-p", "most")]
    [TestCase("--min-length", "-1")]
    [TestCase("--max-length", "-1")]
    [TestCase("--max-length", "2147483648")]
    [TestCase("--contains", "")]
    [TestCase("--seed", "-1")]
    [TestCase("--seed", "1.5")]
    [TestCase("--seed", "18446744073709551616")]
    public void A_setting_that_cannot_be_is_refused(string option, string value) =>
        Refuse(["sample", "--model", TrainedModel.Write(), option, value], option, value);

    [TestCase("--min-length", "5", "--max-length", "4")]
    [TestCase("--prompt", "anna", "--max-length", "3")]
    public void Lengths_that_no_name_can_have_are_refused(params string[] options) =>
        Refuse(["sample", "--model", TrainedModel.Write(), .. options], "--max-length", options[0], options[^1]);

    [TestCase("q", "'q'")]
    [TestCase("Anna", "'A'")]
    [TestCase("an.na", "'.'")]
    [TestCase("an na", "' '")]
    [TestCase("an😀", "'😀'")]
    public void A_prompt_with_a_character_that_the_model_does_not_know_is_refused(string prompt, string character) =>
        Refuse(["sample", "--model", TrainedModel.Write(), "--prompt", prompt], character, SmallNames.Vocabulary[1..]);

    static string[] Sample(params string[] options) =>
        Sample(TrainedModel.Write(), options);

    static string[] Names(Outcome outcome) => outcome.Json.GetProperty("names").Deserialize<string[]>()!;
}
