using StaticArrays
struct Tableau{T} end
const tab = (
    A = @SMatrix([0 0 0; 1//2 0 0; -1 2 0]),
    b = SVector(1//6, 2//3, 1//6),
    c = SVector(0, 1//2, 1),
)
