using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Data;

/// <summary>The names that a model was trained on.</summary>
static class ModelData
{
    /// <summary>Reads the names that were asked for; else those that the model was trained on, wherever they are found.</summary>
    /// <param name="model">The model.</param>
    /// <param name="asked">The file that was asked for, or null.</param>
    /// <param name="format">How to read it: as the model's was, but for what was asked for.</param>
    /// <param name="session">Where to say that the names are others than the model's, and that reading takes long.</param>
    /// <param name="mustBeSame">Whether names that are others are refused.</param>
    /// <exception cref="InvalidRequestException">They cannot be found, or do not fit the model.</exception>
    public static Dataset Read(ModelFile model, string? asked, NamesFormat format, Session session, bool mustBeSame = false)
    {
        NamesFile names = asked is null ? Find(model, session) : SlowReading.Read(session, asked, format);
        bool isOther = names.Sha256 != model.DataSha256;
        string difference = $"the model was trained on {model.DataSource} (SHA-256 {model.DataSha256}), "
            + $"and this is {names.Source} (SHA-256 {names.Sha256})";
        if (isOther && asked is null)
        {
            throw new InvalidRequestException(model.DataSource == NamesFile.StandardInputSource
                ? $"the model was trained on {model.DataSource}, which cannot be read again: give --data with the file to evaluate on"
                : $"{difference}: give --data with the file to evaluate on");
        }
        if (isOther && mustBeSame)
        {
            throw new InvalidRequestException($"{difference}: give the same names, or train anew on these");
        }
        Dataset data = Dataset.Create(names, model.Configuration.Recipe.Context, model.Vocabulary);
        if (isOther)
        {
            // After the data were read: where that fails, the error is the only line.
            session.Note($"note: {difference}");
        }
        return data;
    }

    /// <summary>
    /// The names that a model was trained on and evaluated on: those that it holds, or those of its data, wherever they are found; null
    /// where neither is there, which is said in a line.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="session">Where to say it.</param>
    /// <param name="neededBy">The option that needs them, or null.</param>
    /// <exception cref="InvalidRequestException">An option needs them, and they are not there.</exception>
    public static KnownNames? FindKnown(ModelFile model, Session session, string? neededBy = null)
    {
        if (model.KnownNames is { } names)
        {
            return names;
        }
        try
        {
            NamesFile found = Find(model, session);
            if (found.Sha256 == model.DataSha256)
            {
                return KnownNames.Of(found);
            }
        }
        catch (InvalidRequestException)
        {
            // What cannot be read is not found. The names are for marks alone.
        }
        string reason = $"the model does not hold its names, and {model.DataSource} is not found as it was";
        if (neededBy is not null)
        {
            throw new InvalidRequestException(
                $"{neededBy} needs to know which names are new: {reason}; put that file where it was, or train the model again");
        }
        session.Note($"note: which names are new is unknown: {reason}");
        return null;
    }

    // A pipe and a device have no length, and reading them might wait for ever.
    static bool IsReadable(string path) => File.Exists(path)
        && (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)) is FileInfo { Exists: true, Length: > 0 };

    static NamesFile Find(ModelFile model, Session session)
    {
        NamesFile names = NamesLocation.Read(session, asked: null, model.NamesFormat.OfPlainFile);
        if (names.Sha256 != model.DataSha256 && IsReadable(model.DataSource))
        {
            NamesFile named = SlowReading.Read(session, model.DataSource, model.NamesFormat);
            return named.Sha256 == model.DataSha256 ? named : names;
        }
        return names;
    }
}
