using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Data;

sealed class DatasetDescriptionTests
{
    [Test]
    public void Duplicates_are_all_names_less_the_different_ones()
    {
        DatasetDescription data = Describe("anna", "ben", "anna", "carla", "anna", "ben", "dora", "Anna");
        Assert.That((data.Names, data.Duplicates), Is.EqualTo((8, 3)));
    }

    [Test]
    public void Names_that_stand_once_leave_every_split_new()
    {
        DatasetDescription data = Describe("anna", "ben", "carla", "dora", "emil", "fritz");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.Duplicates, Is.Zero);
            Assert.That(data.Splits.Select(split => (split.Names, split.NewNames)), Is.EqualTo(new[] { (4, 0), (1, 1), (1, 1) }));
        }
    }

    [Test]
    public void One_name_again_and_again_leaves_no_split_new()
    {
        DatasetDescription data = Describe("emma", "emma", "emma", "emma", "emma", "emma");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.Duplicates, Is.EqualTo(5));
            Assert.That(data.Splits.Select(split => (split.Names, split.NewNames)), Is.EqualTo(new[] { (4, 0), (1, 0), (1, 0) }));
            Assert.That(data.Splits.Select(split => split.Examples), Is.EqualTo(new[] { 20, 5, 5 }));
            Assert.That(data.Examples, Is.EqualTo(30));
        }
    }

    [Test]
    public void The_first_8_names_are_shown_or_all_where_there_are_fewer()
    {
        string[] names = ["anna", "ben", "carla", "dora", "emil", "fritz", "greta", "hanna", "ida"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Describe(names).FirstNames, Is.EqualTo(names[..8]));
            Assert.That(Describe(names[..6]).FirstNames, Is.EqualTo(names[..6]));
        }
    }

    [Test]
    public void Characters_stand_at_their_tokens_in_any_script() =>
        Assert.That(
            Describe("zoë", "щука", "𐐀", "日本", "a b", "b").Characters,
            Is.EqualTo(new[] { ".", " ", "a", "b", "o", "z", "ë", "а", "к", "у", "щ", "日", "本", "𐐀" }));

    [Test]
    public void A_name_need_not_stand_in_the_list()
    {
        Dataset data = Dataset.Create(TestData.Names("𐐀𐐁", "a", "b", "c", "d", "e"), context: 2);
        Assert.That(
            DatasetDescription.Of(data, batch: 32, "a𐐁").NameExamples,
            Is.EqualTo(new NameExample[] { new("..", "a"), new(".a", "𐐁"), new("a𐐁", ".") }));
    }

    [Test]
    public void A_name_with_a_character_that_no_name_has_is_refused() =>
        Assert.That(Refusal.Of(() => DatasetDescription.Of(TestData.Embedded, batch: 32, "zoë")), Does.Contain("'ë'"));

    [Test]
    public void The_lectures_names_are_those_of_the_lectures()
    {
        var data = DatasetDescription.Of(TestData.Lecture, batch: 32, TestData.Lecture.File.Names[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((data.Names, data.Duplicates, data.Examples), Is.EqualTo((32_033, 2_539, 228_146)));
            Assert.That(
                data.FirstNames, Is.EqualTo(new[] { "emma", "olivia", "ava", "isabella", "sophia", "charlotte", "mia", "amelia" }));
            Assert.That(data.Characters, Has.Count.EqualTo(27));
            Assert.That(
                data.NameExamples,
                Is.EqualTo(new NameExample[] { new("...", "e"), new("..e", "m"), new(".em", "m"), new("emm", "a"), new("mma", ".") }));
            Assert.That(
                data.Splits,
                Is.EqualTo(new SplitDescription[]
                {
                    new("train", 25_626, 182_625, NewNames: 0),
                    new("dev", 3_203, 22_655, NewNames: 3_203 - 424),
                    new("test", 3_204, 22_866, NewNames: 3_204 - 377),
                }));
        }
    }

    static DatasetDescription Describe(params string[] names) =>
        DatasetDescription.Of(Dataset.Create(TestData.Names(names), context: 3), batch: 32, names[0]);
}
