using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The command <c>data --describe</c>.</summary>
sealed class DescribeNamesTests : CommandTests
{
    const string ListFile = "list.txt";

    [Test]
    public void The_lectures_names_are_described_with_the_lectures_numbers()
    {
        string[] lines = Describe(SmallNames.LecturePath());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Does.EndWith("names.txt (32,033 names)"));
            Assert.That(lines, Has.One.EqualTo("emma, olivia, ava, isabella, sophia, charlotte, mia, amelia"));
            Assert.That(lines, Has.One.EqualTo("2 to 15 characters, mean 6.12, standard deviation 1.44."));
            Assert.That(Cells(lines, "6"), Is.EqualTo(new[] { "6", "9,657", "30.15%" }));
            Assert.That(lines, Has.One.StartsWith("27 with the boundary, ., which stands before and after each name"));
            Assert.That(lines, Has.One.EqualTo(" 0 . 32,033   1 a 33,885   2 b 2,645   3 c 3,532   4 d 5,496   5 e 20,423"));
            Assert.That(lines, Has.One.StartsWith("24 x 697"));
            Assert.That(Examples(lines), Is.EqualTo(new[] { "... -> e", "..e -> m", ".em -> m", "emm -> a", "mma -> ." }));
            Assert.That(
                lines.Where(line => line.Contains(", 3]", StringComparison.Ordinal)).Select(Squeeze),
                Is.EqualTo(new[]
                {
                    "train 25,626 [182,625, 3] [182,625]",
                    "dev 3,203 [22,655, 3] [22,655]",
                    "test 3,204 [22,866, 3] [22,866]",
                    "all 32,033 [228,146, 3] [228,146]",
                    "batch [32, 3] [32]",
                }));
            Assert.That(lines, Has.One.StartsWith("Names that repeat an earlier one: 2,539 of 32,033."));
            Assert.That(
                lines.Where(line => line.EndsWith("%  ", StringComparison.Ordinal)).TakeLast(2).Select(Squeeze),
                Is.EqualTo(new[] { "dev 3,203 2,779 424 13.24%", "test 3,204 2,827 377 11.77%" }));
        }
    }

    [Test]
    public void Json_holds_the_lectures_numbers()
    {
        JsonElement json = Succeed("data", "--describe", "--data", SmallNames.LecturePath(), "--json").Json;
        JsonElement lengths = json.GetProperty("lengths");
        int[] Counts(string property) =>
            [.. json.GetProperty("splits").EnumerateArray().Select(split => split.GetProperty(property).GetInt32())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("names").GetInt32(), Is.EqualTo(32_033));
            Assert.That(Texts(json, "first_names")[0], Is.EqualTo("emma"));
            Assert.That(lengths.GetProperty("mean").GetDouble(), Is.EqualTo(6.1222).Within(1e-4));
            Assert.That(lengths.GetProperty("standard_deviation").GetDouble(), Is.EqualTo(1.4404).Within(1e-4));
            Assert.That(Texts(json, "characters"), Is.EqualTo(".abcdefghijklmnopqrstuvwxyz".Select(letter => $"{letter}")));
            Assert.That(json.GetProperty("examples").GetInt32(), Is.EqualTo(228_146));
            Assert.That(json.GetProperty("batch").GetInt32(), Is.EqualTo(32));
            Assert.That(Counts("examples"), Is.EqualTo(new[] { 182_625, 22_655, 22_866 }));
            Assert.That(Counts("names"), Is.EqualTo(new[] { 25_626, 3_203, 3_204 }));
            Assert.That(Counts("new_names"), Is.EqualTo(new[] { 0, 2_779, 2_827 }));
            Assert.That(json.GetProperty("duplicates").GetInt32(), Is.EqualTo(2_539));
        }
    }

    [Test]
    public void Any_script_has_its_characters_at_their_tokens_and_those_without_a_shape_by_code_point()
    {
        string[] lines = Describe(
            Write(ListFile, "zoë\nщука\n𐐀𐐁\nmary ann\nne\u0301e\nanna\nanna\n日本\n"), "--normalize", "none");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.EqualTo(" 0 . 8   1 U+0020 1   2 a 6   3 e 2   4 m 1   5 n 7"));
            Assert.That(lines, Has.One.EqualTo(" 6 o 1   7 r 1   8 y 1   9 z 1  10 ë 1  11 U+0301 1"));
            Assert.That(lines, Has.One.EqualTo("12 а 1  13 к 1  14 у 1  15 щ 1  16 日 1  17 本 1"));
            Assert.That(lines, Has.One.EqualTo("18 𐐀 1  19 𐐁 1"));
            Assert.That(lines, Has.One.StartsWith("20 with the boundary"));
            Assert.That(lines, Has.One.StartsWith("2 to 8 characters, mean 3.88"));
        }
    }

    [Test]
    public void One_name_again_and_again_is_described()
    {
        string[] lines = Describe(Write(ListFile, "a\na\na\na\na\na\n"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.EqualTo("1 to 1 characters, mean 1.00, standard deviation 0.00."));
            Assert.That(lines, Has.One.EqualTo("0 . 6  1 a 6"));
            Assert.That(lines, Has.One.StartsWith("Names that repeat an earlier one: 5 of 6."));
            Assert.That(lines.Select(Squeeze), Has.One.EqualTo("test 1 0 1 100.00%"));
        }
    }

    [Test]
    public void Contexts_and_targets_are_those_of_the_name_and_the_context_that_were_asked_for()
    {
        SmallNames.Write();
        string[] lines = Describe(SmallNames.FileName, "--name", "ebbe", "--context", "2");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.EqualTo("Contexts and targets of ebbe"));
            Assert.That(Examples(lines), Is.EqualTo(new[] { ".. -> e", ".e -> b", "eb -> b", "bb -> e", "be -> ." }));
            Assert.That(lines.Select(Squeeze), Has.One.EqualTo("batch [32, 2] [32]"));
        }
    }

    [Test]
    public void Text_and_json_tell_the_same()
    {
        SmallNames.Write();
        JsonElement json = Succeed("data", "--describe", "--data", SmallNames.FileName, "--json").Json;
        string[] lines = Describe(SmallNames.FileName);
        string mean = json.GetProperty("lengths").GetProperty("mean").GetDouble().ToString("F2", CultureInfo.InvariantCulture);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.EqualTo(string.Join(", ", Texts(json, "first_names"))));
            Assert.That(lines, Has.One.Contains($"mean {mean},"));
            foreach (JsonElement count in json.GetProperty("lengths").GetProperty("counts").EnumerateArray())
            {
                string length = $"{count.GetProperty("length")}";
                Assert.That(Cells(lines, length)[..2], Is.EqualTo(new[] { length, $"{count.GetProperty("names")}" }));
            }
            foreach ((int token, string character) in Texts(json, "characters").Index())
            {
                Assert.That(lines, Has.Some.Match($@"(^|\s){token} {(token == 0 ? @"\." : character)} \d+(\s|$)"));
            }
            Assert.That(
                Examples(lines),
                Is.EqualTo(json.GetProperty("name_examples").EnumerateArray().Select(
                    example => $"{example.GetProperty("context")} -> {example.GetProperty("target")}")));
        }
    }

    [Test]
    public void Without_data_the_fetched_file_is_described_else_the_embedded_list_and_nothing_is_fetched()
    {
        NeedOwnDataFolder();
        string[] before = Listing();
        Assert.That(Succeed("data", "--describe").OutputLines[0], Does.Contain("embedded").And.Contain("makemore data"));
        Assert.That(Listing(), Is.EqualTo(before));
        string fetched = Path.Combine(Folder, "user-data", "makemore", "names.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(fetched)!);
        File.Copy(SmallNames.LecturePath(), fetched);
        before = Listing();
        Assert.That(Succeed("data", "--describe").OutputLines[0], Does.StartWith($"{fetched} (32,033 names)"));
        Assert.That(Listing(), Is.EqualTo(before));
    }

    [TestCase("", "no names")]
    [TestCase("\n \n", "no names")]
    [TestCase("anna\n", "too few names", "6")]
    [TestCase("anna\nben\ncarla\ndora\nemil\n", "too few names", "6")]
    [TestCase("anna\nbe\u0001n\n", "line 2")]
    [TestCase("anna,1\nben,2\n", "--column")]
    public void A_list_that_cannot_be_trained_on_is_not_described(string text, params string[] mentions) =>
        Refuse(["data", "--describe", "--data", Write(ListFile, text)], [$"'{ListFile}'", .. mentions]);

    [Test]
    public void A_file_that_is_not_there_is_refused() =>
        Refuse(["data", "--describe", "--data", "nowhere.txt"], "'nowhere.txt'", "no such");

    [TestCase("quentin", "'q'")]
    [TestCase("zoë", "'ë'")]
    [TestCase("an.na", "'.'")]
    [TestCase("Anna", "'A'")]
    [TestCase("", "at least one")]
    public void A_name_that_the_list_has_no_characters_for_is_refused(string name, string reason) =>
        Refuse(["data", "--describe", "--data", SmallNames.Write(), "--name", name], "--name", $"'{name}'", reason);

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("few")]
    [TestCase("2147483647")]
    public void A_context_that_cannot_be_is_refused(string context) =>
        Refuse(["data", "--describe", "--data", SmallNames.Write(), "--context", context], "--context", context);

    [Test]
    public void What_fetches_and_what_describes_do_not_mix()
    {
        Refuse(["data", "--describe", "--from", "http://example.org/names.txt"], "--from", "--describe");
        Refuse(["data", "--data", SmallNames.Write()], "--data", "--describe");
        Refuse(["data", "--name", "emma"], "--name", "--describe");
        Refuse(["data", "--context", "3"], "--context", "--describe");
    }

    static string[] Describe(string names, params string[] options)
    {
        Outcome outcome = Succeed(["data", "--describe", "--data", names, .. options]);
        Assert.That(outcome.Error, Is.Empty);
        return outcome.OutputLines;
    }

    static string[] Examples(string[] lines) => [.. lines.Where(line => line.Contains(" -> ", StringComparison.Ordinal))];

    static string Squeeze(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // The first row of a table with that name.
    static string[] Cells(string[] lines, string name) =>
        lines.Select(line => Squeeze(line).Split(' ')).First(cells => cells.Length == 3 && cells[0] == name);

    static string[] Texts(JsonElement json, string property) =>
        [.. json.GetProperty(property).EnumerateArray().Select(element => element.GetString()!)];
}
