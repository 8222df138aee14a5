using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Makemore.Gpu.Runner.Runs;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>The events of a run for TensorBoard, read back by a reader of their own.</summary>
sealed class EventLogTests : CommandTests
{
    const string File1 = "run/events.out.tfevents.makemore";

    // What every file of events begins with: a record of 24 bytes, the length's checksum, the time, and the version.
    [Test]
    public void A_file_begins_as_those_of_TensorFlow_do()
    {
        Train("--run", "run", "--tensorboard");
        byte[] bytes = File.ReadAllBytes(File1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Convert.ToHexStringLower(bytes[..12]), Is.EqualTo("1800000000000000a37f4b22"));
            Assert.That(Encoding.ASCII.GetString(bytes[21..36]), Is.EqualTo("\u001a\rbrain.Event:2"));
        }
    }

    [Test]
    public void Every_step_has_the_values_that_are_written_down()
    {
        Train("--run", "run", "--tensorboard", "--eval-every", "5", "--watch-every", "5");
        JsonElement[] metrics = [.. File.ReadLines("run/metrics.jsonl").Select(line => JsonDocument.Parse(line).RootElement)];
        (long Step, Dictionary<string, float> Values)[] events = Events();
        var losses = events.Where(entry => entry.Values.ContainsKey("loss")).ToArray();
        var looks = events.Where(entry => !entry.Values.ContainsKey("loss")).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses.Select(entry => entry.Step), Is.EqualTo(metrics.Select(line => line.GetProperty("step").GetInt64())));
            Assert.That(
                losses.Select(entry => entry.Values["loss"]), Is.EqualTo(metrics.Select(line => line.GetProperty("loss").GetSingle())));
            Assert.That(losses.Select(entry => entry.Values["learning_rate"]), Has.All.EqualTo(0.1f));
            Assert.That(losses.Where(entry => entry.Values.ContainsKey("dev_loss")).Select(entry => entry.Step), Is.EqualTo(new[] { 5L }));
            Assert.That(looks.Select(entry => entry.Step), Is.EqualTo(new[] { 0L, 5L }));
            Assert.That(looks[0].Values.Keys, Has.Some.StartsWith("saturated/").And.Some.EqualTo("log10 update to data/C"));
        }
    }

    [Test]
    public void A_run_that_goes_on_has_each_step_once_whatever_was_written_beyond_its_checkpoint()
    {
        Train("--run", "run", "--tensorboard", "--csv", "--steps", "300", "--checkpoint-every", "100");
        string csv = File.ReadAllText("run/metrics.csv");
        File.Delete("run/model.safetensors");
        File.Delete("run/metrics.csv");
        File.Delete("run/checkpoints/step-300.safetensors");
        File.AppendAllText(File1, "half of a record");
        Succeed("train", "--resume", "run", "--data", SmallNames.FileName);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Events().Select(entry => entry.Step), Is.EqualTo(Enumerable.Range(0, 300).Select(step => (long)step)));
            Assert.That(File.ReadAllText("run/metrics.csv"), Is.EqualTo(csv));
        }
    }

    [Test]
    public void A_table_holds_what_the_losses_hold()
    {
        Train("--run", "run", "--csv", "--eval-every", "4");
        string[] rows = File.ReadAllLines("run/metrics.csv");
        JsonElement[] metrics = [.. File.ReadLines("run/metrics.jsonl").Select(line => JsonDocument.Parse(line).RootElement)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows[0], Is.EqualTo("step,loss,learning_rate,dev_loss"));
            Assert.That(rows[1..], Is.EqualTo(metrics.Select(line => string.Join(
                ',', line.GetProperty("step").GetRawText(), line.GetProperty("loss").GetRawText(),
                line.GetProperty("learning_rate").GetRawText(),
                line.TryGetProperty("dev_loss", out JsonElement dev) ? dev.GetRawText() : ""))));
        }
    }

    [Test]
    public void A_new_run_in_the_folder_leaves_neither_behind()
    {
        Train("--run", "run", "--tensorboard", "--csv");
        Train("--run", "run", "--force");
        Assert.That(Directory.GetFiles("run").Select(Path.GetFileName), Has.None.EndWith(".csv").And.None.Contains("tfevents"));
    }

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(12)]
    [TestCase(30)]
    public void A_flipped_bit_ends_what_is_read(int at)
    {
        using var file = new MemoryStream();
        RecordFile.Write(file, "first"u8);
        RecordFile.Write(file, "the second one"u8);
        file.GetBuffer()[at] ^= 1;
        file.Position = 0;
        Assert.That(RecordFile.Read(file).Count(), Is.EqualTo(at < 21 ? 0 : 1));
    }

    // The steps with their values, in the order of the file. The version has none, and is left out.
    static (long Step, Dictionary<string, float> Values)[] Events()
    {
        using FileStream file = File.OpenRead(File1);
        (byte[] Content, long End)[] records = [.. RecordFile.Read(file)];
        Assert.That(records[^1].End, Is.EqualTo(file.Length), "every record is whole");
        return
        [
            .. records.Skip(1).Select(record =>
            {
                ILookup<int, object> fields = Fields(record.Content);
                Assert.That((double)fields[1].Single(), Is.EqualTo((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds).Within(600));
                return ((long)fields[2].Single(), Fields((byte[])fields[5].Single())[1].Select(value => Fields((byte[])value))
                    .ToDictionary(value => Encoding.UTF8.GetString((byte[])value[1].Single()), value => (float)value[2].Single()));
            }),
        ];
    }

    // The fields of a message by their numbers.
    static ILookup<int, object> Fields(byte[] message)
    {
        var fields = new List<(int Number, object Value)>();
        for (int at = 0; at < message.Length;)
        {
            long tag = Varint();
            fields.Add(((int)(tag >> 3), (tag & 7) switch
            {
                0 => Varint(),
                1 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
                2 => Take((int)Varint()),
                _ => (object)BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
            }));

            byte[] Take(int count) => message[at..(at += count)];

            long Varint()
            {
                long value = 0;
                for (int shift = 0; ; shift += 7)
                {
                    byte part = message[at++];
                    value |= (long)(part & 0x7f) << shift;
                    if (part < 0x80)
                    {
                        return value;
                    }
                }
            }
        }
        return fields.ToLookup(field => field.Number, field => field.Value);
    }
}
