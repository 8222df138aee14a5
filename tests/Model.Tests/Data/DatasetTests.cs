using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class DatasetTests
{
    // Every name of one character makes two examples.
    [TestCase(6, 4, 1, 1)]
    [TestCase(7, 5, 1, 1)]
    [TestCase(10, 8, 1, 1)]
    [TestCase(19, 15, 2, 2)]
    [TestCase(20, 16, 2, 2)]
    public void Names_are_split_80_10_10(int names, int train, int dev, int test)
    {
        var data = Dataset.Create(TestData.Names([.. Letters(names)]), context: 3);
        Assert.That(
            data.Splits.Select(part => (part.Name, part.Split.Count / 2)),
            Is.EqualTo(new[] { ("train", train), ("dev", dev), ("test", test) }));
    }

    [Test]
    public void Too_few_names_are_refused([Range(1, 5)] int names) =>
        Assert.That(
            Refusal.Of(() => Dataset.Create(TestData.Names([.. Letters(names)]), context: 3)),
            Does.Contain($"({names})").And.Contains("at least 6"));

    [Test]
    public void Every_name_goes_to_one_split()
    {
        string[] names = [.. Letters(20)];
        var data = Dataset.Create(TestData.Names(names), context: 1);
        IEnumerable<int> first = data.Splits.SelectMany(part => part.Split.Tokens.Where((_, i) => i % 2 == 0));
        Assert.That(first.Select(token => data.Vocabulary.Tokens[token]), Is.EquivalentTo(names));
    }

    [Test]
    public void A_split_holds_the_names_of_its_examples()
    {
        Dataset data = TestData.Embedded;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.Splits.SelectMany(part => part.Split.Names), Is.EquivalentTo(data.File.Names));
            Assert.That(data.Train.Names.Select(data.KnownNames.SplitOf), Has.All.EqualTo("train"));
            foreach ((string name, Split split) in data.Splits)
            {
                string text = string.Concat(split.Names.Select(text => text + "."));
                Assert.That(data.Vocabulary.Decode(split.Tokens), Is.EqualTo(text), name);
            }
        }
    }

    // Python's shuffle of the letters a to j with seed 42 puts a and then b last.
    [Test]
    public void New_names_are_those_that_do_not_stand_in_the_training_split()
    {
        Dataset data = Dataset.Create(TestData.Names([.. Letters(10)]), context: 1);
        var split = Split.Of(["b", "c", "a", "j", "b"], context: 1, data.Vocabulary);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.NewNames(split), Is.EqualTo(new[] { "b", "a", "b" }));
            Assert.That(data.NewNames(data.Train), Is.Empty);
        }
    }

    // As the lecture prints them: ... -> e, ..e -> m, .em -> m, emm -> a, mma -> .
    [Test]
    public void Contexts_are_the_characters_before_each_target() =>
        Assert.That(Described(Same("emma", context: 3).Train)[..5], Is.EqualTo(new[] { "... e", "..e m", ".em m", "emm a", "mma ." }));

    [Test]
    public void A_context_may_be_longer_than_a_name() =>
        Assert.That(
            Described(Same("emma", context: 6).Train)[..5],
            Is.EqualTo(new[] { "...... e", ".....e m", "....em m", "...emm a", "..emma ." }));

    [Test]
    public void A_context_may_be_one_character() =>
        Assert.That(Described(Same("emma", context: 1).Dev), Is.EqualTo(new[] { ". e", "e m", "m m", "m a", "a ." }));

    [Test]
    public void A_context_of_nothing_is_no_context() =>
        Assert.That(() => Dataset.Create(TestData.Embedded.File, context: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    // All contexts of the embedded names would have more than 2^31 tokens.
    [Test]
    public void A_context_takes_no_memory()
    {
        var data = Dataset.Create(TestData.Embedded.File, context: 100_000);
        Assert.That(data.Train.ContextOf(4), Has.Length.EqualTo(100_000));
        Assert.That(data.Train.Tokens, Is.EqualTo(TestData.Embedded.Train.Tokens));
    }

    [Test]
    public void More_examples_than_an_index_counts_are_refused_before_they_are_made()
    {
        string[] names = [.. Enumerable.Repeat(new string('a', 999_999), 2148)];
        NamesFile many = TestData.Embedded.File with { Source = "many", Names = names };
        Assert.That(
            Refusal.Of(() => Dataset.Create(many, context: 3, TestData.Embedded.Vocabulary)),
            Does.Contain("'many'").And.Contains("2148000000").And.Contains("use fewer names"));
    }

    [Test]
    public void A_models_vocabulary_gives_the_tokens()
    {
        var vocabulary = Vocabulary.Parse(".zyxwvutsrqponmlkjihgfedcba");
        var data = Dataset.Create(TestData.Names("emma", "emma", "emma", "emma", "emma", "emma"), context: 2, vocabulary);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.Vocabulary, Is.SameAs(vocabulary));
            Assert.That(data.Dev.Tokens, Is.EqualTo(new[] { 22, 14, 14, 26, 0 }));
        }
    }

    [Test]
    public void A_character_that_the_model_does_not_know_is_refused()
    {
        NamesFile names = TestData.Names("emma", "anna", "émile", "ada", "eve", "ida");
        Assert.That(
            Refusal.Of(() => Dataset.Create(names, context: 3, TestData.Embedded.Vocabulary)), Does.Contain("'é'").And.Contains("émile"));
    }

    [Test]
    public void The_lectures_names_give_the_lectures_splits()
    {
        Dataset data = TestData.Lecture;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.File.Names, Has.Count.EqualTo(32_033));
            Assert.That(data.File.Sha256, Is.EqualTo("0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d"));
            Assert.That(data.Vocabulary.Write(), Is.EqualTo(".abcdefghijklmnopqrstuvwxyz"));
            Assert.That(data.Splits.Select(part => part.Split.Count), Is.EqualTo(new[] { 182_625, 22_655, 22_866 }));
        }
    }

    // Counted in Python: sum(len(w) + 1 for w in test if w not in set(train)).
    [Test]
    public void The_lectures_test_split_has_2827_names_that_are_not_trained_on()
    {
        Dataset data = TestData.Lecture;
        IReadOnlyList<string> names = data.NewNames(data.Test);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Has.Count.EqualTo(3_204 - 377));
            Assert.That(Split.Of(names, context: 3, data.Vocabulary).Count, Is.EqualTo(20_347));
            Assert.That(data.NewNames(data.Dev), Has.Count.EqualTo(3_203 - 424));
            Assert.That(data.NewNames(data.Train), Is.Empty);
        }
    }

    [Test]
    public void Splits_by_name_never_share_one_and_hold_all_lines()
    {
        string[] names = [.. Letters(20), .. Letters(10), .. Letters(5)];
        Dataset data = Dataset.Create(TestData.Names(names, new NamesFormat { SplitBy = SplitBy.Name }), context: 3);
        IEnumerable<string>[] parts = [.. data.Splits.Select(part => part.Split.Names.Distinct())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parts.SelectMany(part => part), Is.Unique);
            Assert.That(parts.Select(part => part.Count()), Is.EqualTo(new[] { 16, 2, 2 }));
            Assert.That(data.Splits.SelectMany(part => part.Split.Names), Is.EquivalentTo(names));
        }
    }

    [Test]
    public void Without_repeats_splits_by_name_are_those_by_line()
    {
        NamesFile names = TestData.Embedded.File;
        Dataset data = Dataset.Create(names with { Format = new NamesFormat { SplitBy = SplitBy.Name } }, context: 3);
        Assert.That(
            data.Splits.Select(part => part.Split.Names), Is.EqualTo(TestData.Embedded.Splits.Select(part => part.Split.Names)));
    }

    static IEnumerable<string> Letters(int count) => Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString());

    static Dataset Same(string name, int context) => Dataset.Create(TestData.Names([.. Enumerable.Repeat(name, 6)]), context);

    static string[] Described(Split split)
    {
        var vocabulary = Vocabulary.Of(["emma"]);
        return
        [
            .. split.Examples.Select(example =>
                $"{vocabulary.Decode(split.ContextOf(example))} {vocabulary.Decode([split.Tokens[example]])}"),
        ];
    }
}
